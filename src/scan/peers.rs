//! Who is at the other end: tunnels, telephony, proxies, web consoles.

use super::context::Cx;
use super::names::{any, is_name, name, stops, word_before, word_behind};
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::record::Span;

/// What finds them.
const ID: &str = "message";

fn is_number(text: &[u8]) -> bool {
    text.iter().all(|b| is_digit(*b) || *b == b'.')
}

/// `[CHAP Response id=0x1 <0a1b…>, name = "pat"]`
pub(super) fn chap(cx: &mut Cx<'_>, literal: Span) {
    const NAME: &[u8] = b", name = \"";
    let hay = cx.hay();
    let rest = hay.get(literal.end..).unwrap_or_default();
    let rest = rest.get(..256).unwrap_or(rest);
    let line = rest.split(|b| is_end(*b)).next().unwrap_or_default();
    if let Some(at) = memchr::memmem::find(line, NAME) {
        let start = literal.end.saturating_add(at).saturating_add(NAME.len());
        let end = skip(hay, start, 64, |b| b != b'"' && !is_end(b));
        if byte(hay, end) == b'"' {
            name(cx, Span::new(start, end));
        }
    }
}

/// `main[pat]:192.0.2.7:51522 …`, `worker[pat]: 192.0.2.7 …`: ocserv. A number is a process.
pub(super) fn ocserv(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 64, is_name);
    let who = Span::new(literal.end, end);
    let colon = Span::new(end, end.saturating_add(2)).of(hay) == b"]:";
    let address = skip(hay, end.saturating_add(2), 1, |b| b == b' ');
    if colon
        && is_digit(byte(hay, address))
        && !is_number(who.of(hay))
        && matches!(before(hay, literal.start), b' ' | b':' | b'\n' | 0)
    {
        name(cx, who);
    }
}

/// `openvpn[812]: pat/192.0.2.7:51522 …`, `… MULTI: Learn: 10.0.0.7 -> pat/192.0.2.7:51522`
pub(super) fn openvpn(cx: &mut Cx<'_>, literal: Span) {
    const TO: &[u8] = b" -> ";
    let hay = cx.hay();
    // The name of the service, and its process: `openvpn-server[812]: `.
    let tag = skip(hay, literal.end, 24, |b| {
        is_word(b) || matches!(b, b'-' | b'@' | b'[' | b']' | b'.')
    });
    let start = tag.saturating_add(2);
    if Span::new(tag, start).of(hay) != b": " {
        return;
    }
    if let Some(who) = with_address(hay, start) {
        name(cx, who);
    }
    let rest = hay.get(start..).unwrap_or_default();
    let rest = rest.get(..160).unwrap_or(rest);
    let line = rest.split(|b| is_end(*b)).next().unwrap_or_default();
    if let Some(to) = memchr::memmem::find(line, TO)
        && let Some(who) = with_address(hay, start.saturating_add(to).saturating_add(TO.len()))
    {
        name(cx, who);
    }
}

/// `primary virtual IP for pat/192.0.2.7:51522: 10.0.0.7`
pub(super) fn learned(cx: &mut Cx<'_>, literal: Span) {
    if let Some(who) = with_address(cx.hay(), literal.end) {
        name(cx, who);
    }
}

/// The name in `pat/192.0.2.7:51522`.
fn with_address(hay: &[u8], start: usize) -> Option<Span> {
    let slash = skip(hay, start, 64, is_name);
    let address = slash.saturating_add(1);
    let port = skip(hay, address, 48, |b| {
        b.is_ascii_hexdigit() || matches!(b, b'.' | b':' | b'[' | b']')
    });
    let peer = Span::new(address, port).of(hay);
    let ends = matches!(byte(hay, port), b' ') || is_end(byte(hay, port));
    (byte(hay, slash) == b'/' && ends && peer.contains(&b':') && peer.iter().any(|b| is_digit(*b)))
        .then(|| Span::new(start, slash))
}

/// `sip:pat@pbx`: the user of an address at a host without a domain (RFC 3261 §19.1.1).
pub(super) fn sip(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 64, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b'*' | b'#' | b'%')
    });
    let host = skip(hay, end.saturating_add(1), 64, |b| is_word(b) || b == b'-');
    if byte(hay, end) == b'@' && host > end.saturating_add(1) && byte(hay, host) != b'.' {
        name(cx, Span::new(literal.end, end));
    }
}

/// `… as client7 (p2, c1, k60, u'pat').`: the user of a client of Mosquitto, behind its keep-alive.
pub(super) fn mosquitto(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let seconds = skip_back(hay, literal.start, 5, is_digit);
    let end = skip(hay, literal.end, 64, |b| b != b'\'' && !is_end(b));
    let closed = Span::new(end, end.saturating_add(2)).of(hay) == b"')";
    if closed && seconds < literal.start && before(hay, seconds) == b'k' {
        name(cx, Span::new(literal.end, end));
    }
}

/// `saved by pat via web from host 192.0.2.7 to 192.0.2.1:443 by pat.`
pub(super) fn by_whom(cx: &mut Cx<'_>, literal: Span) {
    const BY: &[u8] = b" by ";
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    let lead = Span::new(who.start.saturating_sub(BY.len()), who.start);
    if lead.of(hay) != BY || stops(who.of(hay)) || any(who.of(hay), &["user", "you", "admin"]) {
        return;
    }
    name(cx, who);
    let rest = hay.get(literal.end..).unwrap_or_default();
    let rest = rest.get(..128).unwrap_or(rest);
    let line = rest.split(|b| is_end(*b)).next().unwrap_or_default();
    if let Some(at) = memchr::memmem::find(line, BY) {
        let again = word_behind(hay, literal.end.saturating_add(at).saturating_add(BY.len()));
        if again.of(hay) == who.of(hay) {
            name(cx, again);
        }
    }
}

/// `Security⇥pat⇥User⇥Success Audit`: the column before the kind of account in an event that Snare sent.
pub(super) fn snare(cx: &mut Cx<'_>, literal: Span) {
    const KIND: &[u8] = b"User";
    let hay = cx.hay();
    let blank = |b: u8| matches!(b, b' ' | b'\t');
    let kind = skip_back(hay, literal.start, 16, blank);
    let start = kind.saturating_sub(KIND.len());
    let end = skip_back(hay, start, 16, blank);
    if kind == literal.start || Span::new(start, kind).of(hay) != KIND || end == start {
        return;
    }
    let who = word_before(hay, end);
    if blank(before(hay, who.start)) && !any(who.of(hay), &["system", "n", "a", "service"]) {
        name(cx, who);
    }
}

/// `PJSIP/6001-0000000a`: the endpoint of a channel of Asterisk's, and the channel's number.
pub(super) fn channel(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 64, |b| {
        is_word(b) || matches!(b, b'.' | b'+' | b'*')
    });
    let number = end.saturating_add(1);
    let close = skip(hay, number, 9, |b| b.is_ascii_hexdigit());
    let front = skip_back(hay, literal.start, 2, |b| b.is_ascii_uppercase());
    if byte(hay, end) == b'-'
        && close.saturating_sub(number) == 8
        && !is_word(byte(hay, close))
        && matches!(Span::new(front, literal.start).of(hay), b"" | b"PJ")
        && !is_word(before(hay, front))
    {
        name(cx, Span::new(literal.end, end));
    }
}

/// `smbd_audit[812]: pat|192.0.2.7|pc7|share|open|ok`: the prefix `%u|%I|%m|%S` of Samba's full_audit.
pub(super) fn audited(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let tag = skip(hay, literal.end, 24, |b| {
        is_word(b) || matches!(b, b'[' | b']')
    });
    let start = tag.saturating_add(2);
    let end = skip(hay, start, 64, is_name);
    let address = end.saturating_add(1);
    if Span::new(tag, start).of(hay) == b": "
        && byte(hay, end) == b'|'
        && byte(hay, address).is_ascii_hexdigit()
    {
        name(cx, Span::new(start, end));
    }
}

/// `mapped to [CORP]\[pat]`: the account that Samba took somebody for.
pub(super) fn mapped(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let domain = skip(hay, literal.end, 64, |b| b != b']' && !is_end(b));
    let slash = skip(hay, domain.saturating_add(1), 2, |b| b == b'\\');
    let start = slash.saturating_add(1);
    let end = skip(hay, start, 64, is_name);
    if slash > domain.saturating_add(1) && byte(hay, slash) == b'[' && byte(hay, end) == b']' {
        name(cx, Span::new(start, end));
    }
}

/// `ssh2: RSA-CERT ID pat (serial 7) CA …`: the identity that a certificate of OpenSSH bears.
pub(super) fn certificate(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let start = literal.end.saturating_add(1);
    let end = skip(hay, start, 64, |b| is_name(b) || b == b'/');
    let rest = hay.get(end..).unwrap_or_default();
    if byte(hay, literal.end) == b' ' && rest.starts_with(b" (serial ") {
        name(cx, Span::new(start, end));
    }
}

/// `… /srv/x.txt b _ o r pat ftp 0 * c`: the account at the end of a line of a transfer log (xferlog(5)).
pub(super) fn transferred(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    // Whether it was ASCII, what was done to it, its direction, and whether somebody real asked for it.
    let form = Span::new(who.start.saturating_sub(7), who.start).of(hay);
    let sets = [&b"ab"[..], b" ", b"_CUTH", b" ", b"oid", b" ", b"agr"];
    let [form @ .., blank] = form else { return };
    let line = sets.iter().rev().zip(form.iter().rev());
    if *blank == b' ' && form.len() >= 6 && line.clone().all(|(set, b)| set.contains(b)) {
        name(cx, who);
    }
}

/// `auth/ldap/login/pat`: whom Vault lets in by a method that has names.
pub(super) fn at_vault(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let mount = skip_back(hay, literal.start, 32, |b| is_word(b) || b == b'-');
    let head = hay.get(..mount).unwrap_or_default();
    if mount < literal.start && head.ends_with(b"auth/") {
        name(cx, word_behind(hay, literal.end));
    }
}

/// `with PID 812 (/opt/x.jar started by pat in /opt)`: what a program of Spring Boot says first.
pub(super) fn started(cx: &mut Cx<'_>, literal: Span) {
    const BY: &[u8] = b" started by ";
    let hay = cx.hay();
    let open = skip(hay, literal.end, 10, is_digit);
    let stop = skip(hay, open, 512, |b| !is_end(b));
    let line = Span::new(open, stop).of(hay);
    let Some(at) = memchr::memmem::find(line, BY).filter(|_| line.starts_with(b" (")) else {
        return;
    };
    let who = word_behind(hay, open.saturating_add(at).saturating_add(BY.len()));
    let rest = hay.get(who.end..).unwrap_or_default();
    if rest.starts_with(b" in ") {
        name(cx, who);
    }
}

/// `<pat@pam> successful auth …`: somebody of a realm of Proxmox VE.
pub(super) fn of_realm(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    if before(hay, who.start) == b'<' {
        name(cx, who);
    }
}

/// `PulseSecure: … - [192.0.2.7] Root::pat(Realm)[Role] - Login succeeded for pat/Realm …`: whose session a gateway of
/// Ivanti's (Pulse Secure) speaks of, once more where it is said of what realm.
pub(super) fn at_gateway(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let stop = skip(hay, literal.end, 1024, |b| !is_end(b));
    let line = Span::new(literal.end, stop);
    let Some(address) = memchr::memmem::find(line.of(hay), b"] ") else {
        return;
    };
    let start = line.start.saturating_add(address).saturating_add(2);
    let end = skip(hay, start, 96, |b| !matches!(b, b'(' | b'[') && !is_end(b));
    let said = Span::new(start, end).of(hay);
    let node = memchr::memmem::rfind(said, b"::").map_or(0, |at| at.saturating_add(2));
    let who = Span::new(start.saturating_add(node), end);
    let nobody = who.of(hay) == b"System" || !who.of(hay).iter().all(|b| is_name(*b) || *b == b'@');
    if byte(hay, end) != b'(' || who.is_empty() || nobody {
        return;
    }
    name(cx, who);
    let behind = Span::new(end, stop);
    for at in memchr::memmem::find_iter(behind.of(hay), who.of(hay)) {
        let at = end.saturating_add(at);
        let again = Span::new(at, at.saturating_add(who.len()));
        let whole =
            matches!(before(hay, at), b' ' | b'[') && matches!(byte(hay, again.end), b'/' | b']');
        if whole {
            name(cx, again);
        }
    }
}

/// `INFO  | pat called org.apache.activemq…[] at …`: who used the console of ActiveMQ.
pub(super) fn by_console(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    let head = hay.get(..who.start).unwrap_or_default();
    if head.ends_with(b" | ") {
        name(cx, who);
    }
}

/// `[Server thread/INFO]: pat joined the game`: somebody at a server of Minecraft.
pub(super) fn player(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    if hay
        .get(..who.start)
        .is_some_and(|head| head.ends_with(b"]: "))
    {
        name(cx, who);
    }
}

/// `"pat lee<2><STEAM_0:1:12345678><CT>"`: a player in a log of Source, and the account.
pub(super) fn of_steam(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let digits = skip_back(hay, literal.start, 6, is_digit);
    let end = digits.saturating_sub(1);
    let start = skip_back(hay, end, 64, |b| b != b'"' && !is_end(b));
    let id = Span::new(
        literal.start.saturating_add(2),
        skip(hay, literal.end, 32, |b| {
            is_word(b) || matches!(b, b':' | b']')
        }),
    );
    let is = digits < literal.start && byte(hay, end) == b'<' && before(hay, start) == b'"';
    if is && byte(hay, id.end) == b'>' {
        let reason = "a message that names an account";
        cx.text(Span::new(start, end), Class::ACCOUNT, ID, reason);
        cx.text(id, Class::ACCOUNT, ID, reason);
    }
}

/// `ClientUserinfoChanged: 2 n\pat\t\0`: the settings of a player of Quake's.
pub(super) fn userinfo(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let number = skip(hay, literal.end, 4, is_digit);
    let start = number.saturating_add(3);
    let end = skip(hay, start, 64, |b| b != b'\\' && !is_end(b));
    if number > literal.end
        && Span::new(number, start).of(hay) == b" n\\"
        && byte(hay, end) == b'\\'
    {
        name(cx, Span::new(start, end));
    }
}

/// `pat initiated sync to HEAD`: who asked Argo CD for it.
pub(super) fn initiated(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    if matches!(before(hay, who.start), b'"' | b'\n' | b'\0') || who.start == 0 {
        name(cx, who);
    }
}

/// `ppp0: pat: authentication succeeded`: somebody on a line of accel-ppp's.
pub(super) fn over_ppp(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    let line = who.start.saturating_sub(2);
    let digits = skip_back(hay, line, 5, is_digit);
    let head = hay.get(..digits).unwrap_or_default();
    if Span::new(line, who.start).of(hay) == b": " && digits < line && head.ends_with(b"ppp") {
        name(cx, who);
    }
}

/// `in session k3j4h5g6f7d8s9a0q1w2`: the number that lets into a session of Roundcube's.
pub(super) fn session(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 64, |b| b.is_ascii_alphanumeric());
    let token = Span::new(literal.end, end);
    let digits = token.of(hay).iter().filter(|b| is_digit(**b)).count();
    if token.len() >= 16 && digits > 1 && digits < token.len() {
        cx.text(token, Class::PASSWORD, ID, "the number of a session");
    }
}
