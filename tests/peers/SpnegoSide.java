// SPDX-License-Identifier: BSD-3-Clause
/*
 * SpnegoSide - one side of GSS-SPNEGO, of which Java has the tokens and no SASL
 * mechanism: a GSSContext of SPNEGO, and a layer as its flags say it.
 */
import java.io.IOException;
import java.util.List;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslException;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

class SpnegoSide implements SaslPeer.Side {
	/* What other sides take: nothing negotiates it. */
	static final int MAX_PACKET = 65536;
	final GSSContext context;

	SpnegoSide(GSSContext context) {
		this.context = context;
	}

	private static final GSSManager manager = GSSManager.getInstance();

	private static Oid spnego() throws GSSException {
		return new Oid("1.3.6.1.5.5.2");
	}

	private static byte[] orEmpty(byte[] token) {
		return token == null ? new byte[0] : token;
	}

	static SaslPeer.Side logIn(List<String> qop, boolean mutual) throws GSSException, IOException {
		GSSName server = manager.createName(
				SaslPeer.SERVICE + "@" + SaslPeer.HOST, GSSName.NT_HOSTBASED_SERVICE);
		GSSContext context = manager.createContext(
				server, spnego(), null, GSSContext.DEFAULT_LIFETIME);
		context.requestMutualAuth(mutual);
		context.requestConf(qop.contains("auth-conf"));
		context.requestInteg(qop.contains("auth-int") || qop.contains("auth-conf"));
		SaslPeer.send("", context.initSecContext(new byte[0], 0, 0));
		for (;;) {
			SaslPeer.Line line = SaslPeer.receive();
			byte[] answer = null;
			if (line.octets != null && line.octets.length > 0)
				answer = context.initSecContext(line.octets, 0, line.octets.length);
			if (line.mark == '=' && (answer != null || !context.isEstablished()))
				throw new SaslException("success was said too early");
			if (line.mark == '=')
				return new SpnegoSide(context);
			SaslPeer.send("", orEmpty(answer));
		}
	}

	static SaslPeer.Side serve() throws GSSException, IOException {
		GSSContext context = manager.createContext(manager.createCredential(
				null, GSSCredential.INDEFINITE_LIFETIME, spnego(), GSSCredential.ACCEPT_ONLY));
		for (;;) {
			byte[] token = SaslPeer.receive().octets;
			byte[] answer = context.acceptSecContext(token, 0, token.length);
			if (context.isEstablished()) {
				/* No other name is sent. */
				SaslPeer.authid = context.getSrcName().toString();
				SaslPeer.username = SaslPeer.authid.split("@")[0];
				SaslPeer.send("=", answer);
				return new SpnegoSide(context);
			}
			SaslPeer.send("", orEmpty(answer));
		}
	}

	public byte[] wrap(byte[] message) throws SaslException {
		try {
			return context.wrap(message, 0, message.length,
					new MessageProp(0, context.getConfState()));
		} catch (GSSException e) {
			throw new SaslException("wrap", e);
		}
	}

	public byte[] unwrap(byte[] packet) throws SaslException {
		MessageProp how = new MessageProp(false);
		try {
			byte[] message = context.unwrap(packet, 0, packet.length, how);
			if (how.getPrivacy() != context.getConfState())
				throw new SaslException("privacy: " + how.getPrivacy());
			return message;
		} catch (GSSException e) {
			throw new SaslException("unwrap", e);
		}
	}

	public Object property(String name) {
		try {
			if (name.equals(Sasl.RAW_SEND_SIZE))
				return context.getWrapSizeLimit(0, context.getConfState(), MAX_PACKET);
			return context.getConfState() ? "auth-conf" : context.getIntegState() ? "auth-int" : "auth";
		} catch (GSSException e) {
			throw new IllegalStateException(e);
		}
	}
}
