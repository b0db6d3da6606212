/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/help.h"

#include <stdio.h>

/* Kept within 80 columns, the width of a terminal. */
static const char help_text[] =
	"Usage: spurnd [options] -b address[/port] zone:type:file,file... ...\n"
	"\n"
	"Serves DNS blocklists from zone files. Takes the command line and the files of\n"
	"rbldnsd.\n"
	"\n"
	"Try it:\n"
	"  echo 127.0.0.2 >/tmp/listed\n"
	"  spurnd -n -b 127.0.0.1/5300 bl.example:ip4set:/tmp/listed &\n"
	"  dig +short -p 5300 @127.0.0.1 2.0.0.127.bl.example\n"
	"\n"
	"Zones, as many as you like; one that is named again gets one more data set:\n"
	"  zone    the name below which clients ask, like bl.example\n"
	"  type    ip4set   ranges of IPv4 addresses, each with its own answer\n"
	"          ip4tset  single IPv4 addresses that all share one answer\n"
	"          ip4trie  IPv4 prefixes; the longest one that matches answers\n"
	"          generic  A, TXT and MX records by name\n"
	"  file    its entries; several files make one data set\n"
	"\n"
	"Listening:\n"
	"  -b, --listen ADDRESS[/PORT]  answer there; needed, may be repeated. A host name,\n"
	"                               an IPv4 or IPv6 address, 0.0.0.0 or :: for all of\n"
	"                               the host. PORT: a number or service name (53)\n"
	"  -4, --ipv4                   of a host name, take only the IPv4 addresses\n"
	"  -6, --ipv6                   of a host name, take only the IPv6 addresses\n"
	"      --workers N              answer with N threads (one per CPU)\n"
	"\n"
	"Answers:\n"
	"  -t, --ttl DEFAULT:MIN:MAX    time to live of answers: for data that give none,\n"
	"                               and the least and most that data may give; each of\n"
	"                               the three may be left out (35m::)\n"
	"  -a, --minimal-answers        no NS records in AUTHORITY unless asked for them\n"
	"  -A, --full-answers           with them (this is the default)\n"
	"  -v, --hide-version           do not tell the version (version.bind); -vv: refuse\n"
	"      --ent nodata|nxdomain    for a name that has only names below it: NOERROR\n"
	"                               without data (RFC 8020, the default), or NXDOMAIN\n"
	"                               as rbldnsd does\n"
	"\n"
	"Zone files:\n"
	"  -c, --check TIME             look for changed files that often (1m); 0: only on\n"
	"                               SIGHUP\n"
	"  -e, --allow-host-bits        take 192.0.2.1/24 for 192.0.2.0/24, do not skip it\n"
	"  -q, --quickstart             serve at once, load meanwhile: zones that are not\n"
	"                               loaded answer SERVFAIL, and no failure is fatal\n"
	"\n"
	"Process:\n"
	"  -n, --foreground             stay in the foreground, log to stderr, not to syslog\n"
	"  -u, --user USER[:GROUP]      when started by root: become this user (rbldns)\n"
	"  -r, --root DIR               change the root directory to DIR\n"
	"  -w, --workdir DIR            change to DIR (in the new root) before files are read\n"
	"  -p, --pidfile FILE           write the process number to FILE (in the old root)\n"
	"  -h, --help                   this text\n"
	"      --version                the version\n"
	"\n"
	"TIME is a number with at most one unit of s m h d w: 90, 35m, 1h.\n"
	"Signals: HUP loads changed files, TERM and INT stop, USR1 and USR2 log counters.\n"
	"Exit status: 0 stopped as asked, 1 failed to start or go on, 2 wrong command line.\n";

void help_print(void)
{
	fputs(help_text, stdout);
}
