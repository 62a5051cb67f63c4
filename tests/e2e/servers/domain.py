#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""domain.py FOLDER PASSWORD OPTION...

Makes the Active Directory domain AD.TEST in FOLDER, with Samba's own Python code, in one
process: samba-tool takes most of a second for each account. domain.sh says what is in it.
"""

import os
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_unpack
from samba.net import Net
from samba.netcmd.main import cmd_sambatool
from samba.param import LoadParm
from samba.samdb import SamDB

USERS_DN = "CN=Users,DC=ad,DC=test"
# Name, and what differs from a user with this name in everything.
USERS = [
    ("alice", {"uidNumber": "3001", "gidNumber": "3100", "loginShell": "/bin/sh",
               "unixHomeDirectory": "/home/alice"}),
    ("bob", {"userPrincipalName": "robert@ad.test"}),
    ("carol", {"userPrincipalName": "carol@corp.test"}),
    ("stale", {"pwdLastSet": "0"}),
    ("locked", {"userAccountControl": "514"}),
    ("svc-imap", {"servicePrincipalName": "imap/mail.ad.test"}),
    ("svc-ldap", {"servicePrincipalName": "ldap/ldap.ad.test"}),
]
# Members, groups among them.
GROUPS = [
    ("staff", ["alice", "bob"]),
    ("company", ["staff", "carol"]),
    ("nobody", []),
]
COMPUTERS = ["root", "client"]
# File, and whose keys are in it.
KEYTABS = [
    ("imap", "imap/mail.ad.test"),
    ("ldap", "ldap/ldap.ad.test"),
    ("alice", "alice"),
    ("client", "client$"),
]


def provision(folder, password, options):
    cmd = cmd_sambatool()
    failed = cmd._run(
        "samba-tool", "domain", "provision", "--realm=AD.TEST", "--domain=AD", "--server-role=dc",
        "--dns-backend=NONE", "--adminpass=" + password, "--targetdir=" + folder, "--host-name=dc",
        "--host-ip=192.0.2.3", *options)
    if failed:
        sys.exit("no domain")


def modify(sam, dn, attributes, how=ldb.FLAG_MOD_REPLACE):
    message = ldb.Message()
    message.dn = ldb.Dn(sam, dn)
    for name, value in attributes.items():
        message[name] = ldb.MessageElement(value, how, name)
    sam.modify(message)


def fill(sam, password):
    for name, attributes in USERS:
        sam.newuser(name, password)
        if attributes:
            modify(sam, "CN=%s,%s" % (name, USERS_DN), attributes)
    for name, members in GROUPS:
        sam.newgroup(name)
        if members:
            sam.add_remove_group_members(name, members, add_members_operation=True)
    for name in COMPUTERS:
        sam.newcomputer(name)
        sam.setpassword("(sAMAccountName=%s$)" % name, password)
    modify(sam, "CN=staff," + USERS_DN, {"gidNumber": "3100"})
    modify(sam, "CN=Partitions,CN=Configuration,DC=ad,DC=test", {"uPNSuffixes": "corp.test"})
    # A controller adds them to itself, by a task that does not run here.
    modify(sam, "CN=DC,OU=Domain Controllers,DC=ad,DC=test",
           {"servicePrincipalName": ["ldap/dc.ad.test", "ldap/dc.ad.test/ad.test"]}, ldb.FLAG_MOD_ADD)


# A line for each account and group: its SID and its name.
def write_sids(sam, file):
    with open(file, "w") as out:
        for found in sam.search(USERS_DN, expression="(sAMAccountName=*)", attrs=["sAMAccountName", "objectSid"]):
            out.write("%s %s\n" % (ndr_unpack(security.dom_sid, found["objectSid"][0]), found["sAMAccountName"]))


def main(folder, password, *options):
    os.umask(0o077)
    provision(folder, password, options)
    lp = LoadParm()
    lp.load(os.path.join(folder, "etc/smb.conf"))
    sam = SamDB(lp=lp, session_info=system_session(lp))
    sam.transaction_start()
    fill(sam, password)
    sam.transaction_commit()
    write_sids(sam, os.path.join(folder, "sids"))
    for name, principal in KEYTABS:
        Net(None, lp).export_keytab(keytab=os.path.join(folder, name + ".keytab"), principal=principal)


main(*sys.argv[1:])
