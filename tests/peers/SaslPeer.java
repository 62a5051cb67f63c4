// SPDX-License-Identifier: BSD-3-Clause
/*
 * SaslPeer - one side of a login by Java's own GSSAPI, in the lines that
 * line.h tells of.
 *
 *   SaslPeer client|server NAME=VALUE...
 *
 *   mech=NAME     GSSAPI; or GSS-SPNEGO (SpnegoSide)
 *   qop=LIST      auth, auth-int, auth-conf, with commas (Sasl.QOP)
 *   maxbufsize=N  Sasl.MAX_BUFFER
 *   mutual=BOOL   client: Sasl.SERVER_AUTH; without it Java asks for mutual
 *                 authentication where it wants a layer alone
 *   delegate=true client: hands over its ticket-granting ticket
 *   user=NAME     client: acts for this user
 *   send=COUNTxSIZE,...  messages; SIZE may be max, for the most that there may be
 *   keytab=FILE   server: where its key is
 *   ccache=FILE   client: a cache with a ticket-granting ticket; where it has one
 *                 for the service too, no KDC is needed
 *
 * The last line on standard error is as side.h has it, with qop= in place of ssf=.
 */
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;

public class SaslPeer {
	static final String SERVICE = "imap", HOST = "mail.example.test";
	static final Map<String, String> words = new HashMap<>();
	static boolean isServer;
	static long sent, received;
	static int largest;

	/* What a client and a server have in common. */
	interface Side {
		byte[] wrap(byte[] message) throws SaslException;
		byte[] unwrap(byte[] packet) throws SaslException;
		Object property(String name);
	}

	/* ---- lines ---- */

	static class Line {
		char mark;
		byte[] octets;
	}

	static void send(String mark, byte[] octets) {
		String text = octets == null ? "" : Base64.getEncoder().encodeToString(octets);
		System.out.print(mark + text + "\n");
		System.out.flush();
	}

	static Line receive() throws IOException {
		StringBuilder text = new StringBuilder();
		int c;
		while ((c = System.in.read()) != '\n') {
			if (c < 0)
				throw new IOException("the other side has ended");
			text.append((char)c);
		}
		Line line = new Line();
		if (text.length() > 0 && "=!.-".indexOf(text.charAt(0)) >= 0) {
			line.mark = text.charAt(0);
			text.deleteCharAt(0);
		}
		if (line.mark == '!')
			throw new IOException("the other side has given up");
		if (line.mark == 0 || text.length() > 0)
			line.octets = Base64.getDecoder().decode(text.toString());
		return line;
	}

	/* ---- messages ---- */

	static byte octetAt(long place, boolean fromServer) {
		return (byte)(place * 131 + place / 257 + (fromServer ? 7 : 0));
	}

	static boolean hasLayer(Side side) {
		return !"auth".equals(side.property(Sasl.QOP));
	}

	/* Java leaves the packet's length (RFC 4422 section 3.7) to the program. */
	static byte[] packetOf(Side side, byte[] message) throws SaslException {
		if (!hasLayer(side))
			return message;
		byte[] token = side.wrap(message);
		return ByteBuffer.allocate(4 + token.length).putInt(token.length).put(token).array();
	}

	static int largestMessage(Side side) {
		return hasLayer(side) ? Integer.parseInt(side.property(Sasl.RAW_SEND_SIZE).toString())
				: Integer.parseInt(words.getOrDefault("maxbufsize", "65536"));
	}

	static void sendMessages(Side side) throws SaslException {
		for (String batch : words.getOrDefault("send", "").split(",")) {
			if (batch.isEmpty())
				continue;
			String[] part = batch.split("x", 2);
			int size = part[1].equals("max") ? largestMessage(side)
					: Integer.parseInt(part[1]);
			for (int n = Integer.parseInt(part[0]); n > 0; n--) {
				byte[] message = new byte[size];
				for (int i = 0; i < size; i++)
					message[i] = octetAt(sent + i, isServer);
				send("", packetOf(side, message));
				sent += size;
			}
		}
		send(".", null);
	}

	static byte[] messageOf(Side side, byte[] packet) throws SaslException {
		if (!hasLayer(side))
			return packet;
		int length = ByteBuffer.wrap(packet).getInt();
		if (length != packet.length - 4)
			throw new SaslException("a packet of " + packet.length + " says " + length);
		return side.unwrap(Arrays.copyOfRange(packet, 4, packet.length));
	}

	static void receiveMessages(Side side) throws IOException {
		for (Line line = receive(); line.mark != '.'; line = receive()) {
			largest = Math.max(largest, line.octets.length);
			for (byte octet : messageOf(side, line.octets))
				if (octet != octetAt(received++, !isServer))
					throw new SaslException("the octets of a message");
		}
	}

	/* ---- logins ---- */

	/* Java delegates where it is given the credential. */
	static GSSCredential credential() {
		try {
			return GSSManager.getInstance().createCredential(GSSCredential.INITIATE_ONLY);
		} catch (GSSException e) {
			throw new IllegalStateException(e);
		}
	}

	static Map<String, Object> properties() {
		Map<String, Object> properties = new HashMap<>();
		if (words.containsKey("delegate"))
			properties.put(Sasl.CREDENTIALS, credential());
		properties.put(Sasl.QOP, words.getOrDefault("qop", "auth-conf,auth-int,auth"));
		properties.put(Sasl.MAX_BUFFER, words.getOrDefault("maxbufsize", "65536"));
		if (words.containsKey("mutual"))
			properties.put(Sasl.SERVER_AUTH, words.get("mutual"));
		return properties;
	}

	static Side logIn() throws IOException {
		SaslClient client = Sasl.createSaslClient(new String[] {"GSSAPI"}, words.get("user"),
				SERVICE, HOST, properties(), callbacks -> { });
		byte[] answer = client.evaluateChallenge(new byte[0]);
		send("", answer == null ? new byte[0] : answer);
		for (Line line = receive(); line.mark != '='; line = receive()) {
			answer = client.evaluateChallenge(line.octets);
			send("", answer == null ? new byte[0] : answer);
		}
		if (!client.isComplete())
			throw new SaslException("success was said too early");
		return new Side() {
			public byte[] wrap(byte[] message) throws SaslException {
				return client.wrap(message, 0, message.length);
			}
			public byte[] unwrap(byte[] packet) throws SaslException {
				return client.unwrap(packet, 0, packet.length);
			}
			public Object property(String name) {
				return client.getNegotiatedProperty(name);
			}
		};
	}

	static String username = "", authid = "";

	static Side serve() throws IOException {
		CallbackHandler handler = callbacks -> {
			for (Callback callback : callbacks) {
				AuthorizeCallback authorize = (AuthorizeCallback)callback;
				username = authorize.getAuthorizationID();
				authid = authorize.getAuthenticationID();
				authorize.setAuthorized(true);
			}
		};
		SaslServer server = Sasl.createSaslServer("GSSAPI", SERVICE, HOST, properties(), handler);
		byte[] challenge = server.evaluateResponse(receive().octets);
		while (!server.isComplete()) {
			send("", challenge == null ? new byte[0] : challenge);
			challenge = server.evaluateResponse(receive().octets);
		}
		send("=", challenge);
		return new Side() {
			public byte[] wrap(byte[] message) throws SaslException {
				return server.wrap(message, 0, message.length);
			}
			public byte[] unwrap(byte[] packet) throws SaslException {
				return server.unwrap(packet, 0, packet.length);
			}
			public Object property(String name) {
				return server.getNegotiatedProperty(name);
			}
		};
	}

	static Side begin() throws IOException, GSSException {
		if (!words.getOrDefault("mech", "GSSAPI").equals("GSS-SPNEGO"))
			return isServer ? serve() : logIn();
		if (isServer)
			return SpnegoSide.serve();
		return SpnegoSide.logIn(Arrays.asList(words.getOrDefault("qop", "auth-conf").split(",")),
				words.getOrDefault("mutual", "true").equals("true"));
	}

	static void run() throws IOException, GSSException {
		Side side = begin();
		if (isServer) {
			receiveMessages(side);
			sendMessages(side);
		} else {
			sendMessages(side);
			receiveMessages(side);
		}
		say("ok qop=" + side.property(Sasl.QOP) + " username=" + username + " authid=" + authid
				+ " maxoutbuf=" + side.property(Sasl.RAW_SEND_SIZE) + " sent=" + sent
				+ " received=" + received + " largest=" + largest);
	}

	/* ---- credentials ---- */

	static Subject jaasLogin() throws Exception {
		Map<String, String> options = new HashMap<>();
		options.put("doNotPrompt", "true");
		if (isServer) {
			options.put("useKeyTab", "true");
			options.put("keyTab", words.get("keytab"));
			options.put("principal", SERVICE + "/" + HOST);
			options.put("storeKey", "true");
			options.put("isInitiator", "false");
		} else {
			options.put("useTicketCache", "true");
			options.put("ticketCache", words.get("ccache"));
		}
		AppConfigurationEntry entry = new AppConfigurationEntry(
				"com.sun.security.auth.module.Krb5LoginModule",
				AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options);
		LoginContext context = new LoginContext("peer", null, null, new Configuration() {
			public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
				return new AppConfigurationEntry[] {entry};
			}
		});
		context.login();
		return context.getSubject();
	}

	/* The module takes the ticket-granting ticket alone, so that Java would ask the KDC. */
	static void addTickets(Subject subject) {
		for (var ticket : sun.security.krb5.internal.ccache.CredentialsCache
				.getInstance(words.get("ccache")).getCredsList())
			subject.getPrivateCredentials().add(
					sun.security.jgss.krb5.Krb5Util.credsToTicket(ticket.setKrbCreds()));
	}

	static void say(String text) {
		System.err.print((isServer ? "server: " : "client: ") + text + "\n");
	}

	public static void main(String[] arguments) {
		isServer = arguments[0].equals("server");
		for (String word : Arrays.copyOfRange(arguments, 1, arguments.length)) {
			String[] part = word.split("=", 2);
			words.put(part[0], part[1]);
		}
		try {
			Subject subject = jaasLogin();
			if (!isServer)
				addTickets(subject);
			Subject.doAs(subject, (PrivilegedExceptionAction<Void>)() -> {
				run();
				return null;
			});
		} catch (Throwable e) {
			for (Throwable cause = e; cause != null; cause = cause.getCause())
				say("failed: " + cause);
			send("!", null);
			System.exit(1);
		}
	}
}
