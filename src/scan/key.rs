//! Values that the key in front of a `=` or `:` gives away: JSON, logfmt, query strings, headers, plain text.

mod mark;
mod member;
mod no_value;
mod value;

use super::bracket;
use super::command;
use super::context::{Cx, Keys};
use super::foreign;
use super::front::{Anchor, key_end};
use super::inner::{looks_like_one, take_all};
use super::keys::{self, Named};
use super::list::{is_list, is_vector, listed};
use super::object;
use super::serialized::counts_members;
use super::take::take;
use super::town;
use super::words;
use super::wrapped::{may_be_wrapped, referred, unwrapped};
use super::xml;
use super::{Detector, Spelling, auditd};
use crate::class::{Class, is_label};
use crate::format::bytes::{
    before, byte, is_alnum, is_digit, is_escape_letter, is_word, skip, skip_back,
};
use crate::format::value::{Quote, Value, value_at};
use crate::record::Span;
use mark::{MARKED, WIDE_COLON, confirm_marked, confirm_wide};
use member::held;
pub(super) use member::hold;
use no_value::{ends_a_uri, ends_a_url, is_deed, is_logger, is_mnemonic, no_value};
use value::{
    assigned, before_a_field, behind_a_blank, bold, changed, converted, counted, doubled,
    is_called, is_short_postcode, is_structure, is_telephone, named_number, refused, slice,
    with_its_bracket,
};

const ID: &str = "key";

/// `key=value`, `key: value`, `"key": value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Key, Anchor::KeyBehindDigits, Anchor::Literal],
    literals: &[WIDE_COLON, MARKED, "\\t:", "\\t="],
    source: "keys.txt; RFC 8259 (JSON), RFC 3986 (query), RFC 9110 (headers); GB/T 15834 (full-width colon); CommonMark §6.2",
    confirm,
    finds: &[
        r#"{"password":"pa\"ss, word"}"#,
        r#"{"password":"[\"hunter2\", 7]"}"#,
        "Calling-Station-Id=\"14155550177\", NAS-Port=1",
        r#"{"claims":{"appid":"x","name":"Ann Lee"}}"#,
        r#"{"driver":{"name":"Ann Lee"}}"#,
        "付款人：李雷，金额：88.00",
        r#"User { id: 7, name: "ann", admin: false }"#,
        r#"{"Issuer":"adm2","Action":"Logon"}"#,
        "Site: x,Server: y,Admin: ann,Administrator log on succeeded",
        "(session: sid74fa8e00ca601280318287f67dfaee7cc6da40db0be6ac75)",
        r#"{"actor":{"profileId":"117564289545555123456"}}"#,
        r#"{"krb5":{"cname":"ann","realm":"CORP","sname":"krbtgt/CORP"}}"#,
        r#"{"request_type":"AS","client":"ann/CORP.EXAMPLE","service":"krbtgt/CORP.EXAMPLE"}"#,
        r#"{"target_type":"User","target_details":"Ann Lee"}"#,
        "conn log: Users: ann, Source IP: x, Computer name: pc7",
        "Users: ann, Client address: x",
        r#"{"entity_type":"user","entity_name":"ann lee"}"#,
        r#"{"issuer":"adm2", "action":"Logon"}"#,
        "issuer=adm2 action=logon",
        "size=100, class=0, nrcpts=1, relay=ann@localhost",
        "booking: no=Inn guest=Ann Lee",
        r#"{"hotel":null,"room":"1204"}"#,
        r#"{"card":{"exp_month":12,"holder":"ANN LEE"}}"#,
        r#"type=X msg=audit(1.2:3): gid=100 UID="" GID="" AUID="" UID="ann" EGID="ann""#,
        "uid=1003(ann) gid=1003(ann) groups=1003(ann),27(sudo)",
        r#"<user id="7" name="ann"/>"#,
        "<ns:user n='1' name='ann'>",
        "name=Ann Lee dob=x",
        r#"{"user":{"lat":31.2304}}"#,
        "login=alice status=ok",
        r#"{"password"   : "hunter2"}"#,
        "{\"password\"\t:\t\"hunter2\"}",
        r#"{"x":1,"user"    : "ann","lat"     : 31.2304}"#,
        "password                 = hunter2",
        "userPassword:: e1NTSEF9YWJjZGVm",
        "sn:: w4TDtsO8",
        "cn:: QW5uIExlZQ==",
        "mail:: YW5uQGV4YW1wbGUub3Jn",
        "jpegPhoto:: /9j/4AAQSkZJRgABAQEASABIAAD",
        r#"{"m":"dn: x\nsn:: w4TDtsO8\ncn:: QW5uIExlZQ=="}"#,
        r#"{"password1":"hunter2","n":1}"#,
        "password_2=hunter2",
        "newPassword1=hunter2",
        "new_password1=hunter2&x=1",
        "password_confirmation=hunter2",
        r#"{"passwordConfirm":"hunter2"}"#,
        "confirmPassword=hunter2",
        "csrfmiddlewaretoken=a1B2c3D4e5",
        r#"{"xsrftoken":"a1B2c3D4e5"}"#,
        "xsrf_token=a1B2c3D4e5",
        r#"password := "hunter2""#,
        "Password:=hunter2",
        "ann Cleartext-Password := \"hunter2\"",
        "user := ann",
        "password\t= hunter2",
        r#"{"m":"password\t: hunter2"}"#,
        r#"{"m":"{\"m\":\"user\\t\\t: ann\"}"}"#,
        "password   =\"hunter2\"",
        "First Name    : Ann",
        r#"<x password   =  "hunter2"/>"#,
        "      + username       = \"ann_app\"",
        r#"7,"{""password""   : ""hunter2"",""n"":1}",x"#,
        "GET /?access_token=abc123&x=1",
        "Authorization: Bearer abc.def.ghi",
        r#"{"user":{"id":7,"name":"ada"}}"#,
        r#"{"m":"{\"imei\":\"490154203237518\"}"}"#,
        r#"{"coordinates":[121.4737,31.2304]}"#,
        "用户手机：13912345678，身份证：110101199003077774",
        r#"{"clientSecret":["__typename","id","expiresAt"]}"#,
        r#"{"TerminalSessionId":"d2b1f0c6"}"#,
        r#"{"hashed_token":"hunter2"}"#,
        r#"{"ssoLogin":"ann"}"#,
        "type=USER_LOGIN msg=audit(1.2:3): acct=616E6E206C6565 exe=x",
        "created UserDto{id=7, name='ann', age=31}",
        "&main.User{ID:7, Name:\"ann\"}",
        r#"{"User":{"Name":"ann"}}"#,
        r#"{"device":{"model":"X9","os":"android"}}"#,
        r#"USERID:[4] "ANNA" ACTION:[3] "100""#,
        "DATABASE USER:[3] 'ann' PRIVILEGE :[4] 'NONE'",
        "(CONNECT_DATA=(SERVICE=x)(CID=(PROGRAM=y)(HOST=h)(USER=ann)))",
        r"Account Name:\t\tann\n\tAccount Domain:\t\tCORP",
        r#"{"token":{"value":"abc123","type":"bearer"}}"#,
        "Pass: hunter2",
        r#"{"name":"Ann Lee","email":"x"}"#,
        r#"{"name":"Ann Lee","given_name":"x"}"#,
        r#"{"family_name":"x","name":"Ann Lee"}"#,
        r#"{"uid":"ann","name":"Ann Lee"}"#,
        "At{password='x1', name='Ann', phone='1'}",
        "uid=1003(ann) gid=100(staff)",
        "face_embedding=[0.12,0.33,-0.41] n=1",
        r#"[{"name":"Cookie","value":"abc"}]"#,
        r#"{"key":"device.id","value":{"stringValue":"ab12cd34"}}"#,
        r#"7,"{""password"":""hunter2"",""n"":1}",x"#,
        r#"7,"{""n"": ""a"", ""lat"": 31.2304}",x"#,
        r#"7,"{""password"":""hun\""ter2""}",x"#,
        r#"{"properties":{"$geoip_latitude":31.2304,"@lon":121.4737}}"#,
        "audit: curuser=\"ann\" possessor: lee",
        "SUCCESS LOGIN (possessor: ann)",
        r#"{"device":{"serial":"R58M123ABCD"}}"#,
        "registered DeviceInfo(serial=R58M123ABCD, n=1)",
        "LoRa DevEUI=70B3D57ED0012345 FCnt=17",
        "password=my.secret@2024",
        r#"{"password":"Hello{12345"}"#,
        "GET session:user:ann:token",
        "Email/Username: ann",
        "*Password: hunter2*",
        "*Password:* hunter2",
        "IMEI: 35 209900 176148 1",
        "id_card: 110105 19491231 002X",
        "passport: E 1234567",
        "NINO: AB 12 34 56 C",
        "nino=AB 12 34 56 C port=22",
        "Rentenversicherungsnummer: 65 170839 J 00 8",
        "CPF: 529 982 247 25",
        "**NINO**: AB 12 34 56 C",
        "[uid: 12, name: ann]",
        r#"[user_id: 12, name: "ann"]"#,
        "[UID:12, name: ann@corp]",
        "身份证：AB 12 34 56 C，",
        "**Password:** hunter2",
        "&lt;user password=&quot;hunter2&quot;/&gt;",
        r#"Config { password: Some("hunter2"), n: 1 }"#,
        r#"Config { password: Secret("hunter2") }"#,
        "{'user_id': UUID('0b2c'), 'n': 1}",
        "usernames=[ann, bob] n=1",
        "usernames=[TRACE, ann]",
        "SET password = 'it''s' WHERE n = 1",
        "usernames=[CORP:ann, bob]",
        "password: Some(hun,ter2)",
        r#"password=Ab1("x"rest9"#,
        r#"password: Some(Secret("hunter2"))"#,
        r#"password: Some(b"hunter2")"#,
        r#"user: User("ann", "bob")"#,
        "GET /?sid=12345678 HTTP/1.1",
        "GET /?a=b&session_id=1234&x=1 HTTP/1.1",
        "- **Password**: hunter2",
        "*password*: hunter2",
        "**API Key**: abc123def",
        r#"{"target":[{"id":"00u1a2b3","type":"AppUser"}]}"#,
        r"net use \\srv\share /user:CORP\bob hunter2",
        "bind dn=\"cn=Ann Lee,ou=people,dc=example\"",
        "CN=Ann Lee,CN=Users,DC=example",
        "principalType=x principal=ann target=OWNER",
        "AUTH=server, relay=x, authid=ann, mech=PLAIN",
        "WifiConfig: SSID=\"x\" psk=\"correct horse\"",
        r##"#<User id: 7, email: "x", name: "Ann Lee">"##,
        r##"#<User name: "Ann Lee">"##,
        r##"#<User:0x00007f12 @name="ann", @n=1>"##,
        r##"#<struct User n=1, name="ann">"##,
        r#"{"trip":{"origin":"Ulm","stops":["Bonn"]}}"#,
        r#"{"address":{"street":"Main St 1","city":"Ulm"}}"#,
        r#"{"userId":"Ck3LmN0pQrStUvWx1"}"#,
        r#"{"uid":"Ck3LmN0pQrStUvWx1"}"#,
        "05-01 10:00:00.123  1702  8671 D Login: userId=482133 ok",
        "user=123 idle=5m",
        r#"{"lon":"\u4e2d"}"#,
        r#"{"device":{"os":"MIUI 14"}}"#,
        r#"{"users":["ann","bob"],"n":1}"#,
        r#"{"active_users":[{"plan":"pro","name":"ann"}]}"#,
        r#"{"m":"{\"reviewers\":[\"ann\"]}"}"#,
        "users=['ann', 'bob']",
        "usernames: [\"ann\"]",
        r#"{"passengers":[{"seat":"12A","name":"Ann Lee"}]}"#,
        r#"users=["ann" "bob"] n=1"#,
        r#"password=["hunter2"]"#,
        r#"{"api_keys":["a1","b2"],"n":1}"#,
        r#"{"macs":["00005e0053af"]}"#,
        r#"{"device_ids":["ab12cd34"]}"#,
        r#"users=[{"name":"ann","id":4}]"#,
        "型号：HUAWEI P40",
        "金额:128.50元",
        "操作人:张三",
        r#"http.Header{"Authorization":[]string{"Bearer abc.def"}}"#,
        r#"~ password = "" -> "hunter3""#,
        r#""password" = null -> "hunter3""#,
        r#"{"username":{"S":"ann"},"n":{"N":"3"}}"#,
        "date of birth: 12 April 1988; x",
        "Birthday: April 12, 1988",
        "dob=12 Apr 1988 n=1",
        "WHERE last_name = _utf8mb4'Lee'",
        r#"{"field":"last_name","old":"Lee","new":"Roe"}"#,
        r#"{"field":"password","oldValue":"abc1","newValue":"def2"}"#,
        r#"{"changes":{"username":{"from":"ann","to":"bob"}}}"#,
        r#"{"op":"replace","path":"/user/lastName","value":"Lee"}"#,
        r#"{"city":"Ulm"}"#,
        "shipping_city=Ulm zip=1",
        "City: New York",
        "City: Berlin Status: OK",
        r#"{"m":"{\"x\":\"City: New York\"}"}"#,
        r#"{"city":{"geoname_id":2950159,"names":{"en":"Berlin"}}}"#,
        r#"{password: []byte("hunter2")}"#,
        "on field 'password': rejected value [hunt]er2]; codes [Size.user.password]",
        "on field 'username': rejected value [ann]",
        "user = ann(admin)",
        "user = ann_lee(1001)",
        "fullname = Lee.Ann(1001)",
        "token = sk_live_abCDefGH(expired)",
        "passwd = Winter.2026()",
        "login user: Bob { ip: 'x', ok: true }",
        "Password: Hunter2 { x: 1 }",
        "password=_abc'def x",
        r#"{"m":"login by account=sales\\nora ok"}"#,
        "password = abc(def)",
        "password = os.getenv(\"PW\", \"hunter2\")",
        "password = ''hunter2'' WHERE",
        "<b>Password:</b> hunter2<br>",
        "<b>Password</b>: hunter2<br>",
        "<b>user</b>: <i>ann</i>",
        "<b>Password</b>: <code>hunter2</code>",
        r#"<span class="k">user</span>: <span class="s">ann</span>,"#,
        "<item><b>Password:</b><![CDATA[hunter2]]></item>",
        "<p><strong>User name:</strong> ann</p>",
        "<td><b>Password:</b></td><td>hunter2</td>",
        "<th>Password:</th>\t<td class='x'>hunter2</td>",
        r#"{"x":"<td>Password:<\/td>\n <td>hunter2<\/td>"}"#,
        r#"{"x":"\u003ctd\u003ePassword:\u003c/td\u003e\u003ctd\u003ehunter2\u003c/td\u003e"}"#,
    ],
    leaves: &[
        "language=curl",
        "<td>Password:</td></tr><tr><td>x</td>",
        "on field 'username': rejected value [null]; codes [x]",
        "    user = User.objects.get(pk=3)",
        "    password = get_password(u)",
        r#"{"m":"self.password = ''\n        x = ''\n"}"#,
        r#"{"m":"password: ''\n  host: ''\n  port: 3"}"#,
        "password = ''-- comment ''",
        "password = ''WHERE x = ''",
        "    token = self.client.post(x).json()",
        "password = '' + x",
        "[src/main.rs:12] &user = User {",
        r#"{"path":"/login","value":"12"}"#,
        r#"{"field":"status","old":"open","new":"done"}"#,
        r#"{"user":{"old":"active","new":"inactive"}}"#,
        r#"{"filter":{"property":"token","value":"exists"}}"#,
        r#"{"path":"/api/user","op":"get","value":"x"}"#,
        r#"{"user":{"S":1,"M":2,"L":3}}"#,
        r#"{"errors":{"city":"This field is required"}}"#,
        r#"{"properties":{"city":{"type":"string","description":"City name"}}}"#,
        r#"{"city":{"geoname_id":2950159}}"#,
        "UPDATE t SET city = NULL WHERE id = 3",
        "SELECT * FROM t WHERE city = $1 AND x = 2",
        "GeoLite2-City: No update available",
        "city = Column(String)",
        r#"{"velocity":"fast","capacity":"full","city":"unknown"}"#,
        "dob: may be missing",
        "<td>Password:</td><td></td>",
        "<label>Password</label>: <input type=\"password\">",
        "<b>Password:</b><?php echo 1; ?>",
        "<b>Password:</b> must be at least 8 long",
        "<code>password</code>: the password of the user",
        "User: <b>not found</b>",
        "Dear user:</p><p>We have updated our terms.</p>",
        "<label for=\"u\">Username:</label><input id=\"u\"><label for=\"p\">Password:</label>",
        "<label>Password:</label><span class=\"error\">This field is required</span>",
        "the user 1: ann",
        r#"{"users":[1,2],"admins":[]}"#,
        "users=[{plan:pro id:4}]",
        r#"password: ["can't be blank", "is too short (minimum is 8 characters)"]"#,
        r#"{"errors":{"username":["has already been taken"]}}"#,
        r#"{"customers":12,"recipients":["-"]}"#,
        r#"{"tokens":[1,2],"secrets":[{"name":"tls","n":1}]}"#,
        r#"{"tokens":12,"secrets":3,"device_ids":[]}"#,
        r#"{"users":[{"browser":"Chrome","visits":5}]}"#,
        r#"{"users":[{"roles":["admin"],"n":1}]}"#,
        r#"{"includeUsers":["All"],"excludeUsers":["None"]}"#,
        r#"{"login":"2024-05-06 07:08:09 CET"}"#,
        r#"{"login":"2024-05-06 07:08:09 PM","n":1}"#,
        r#"{"login":"2024-05-06T07:08:09+02:00[Europe/Paris]"}"#,
        r#"{"span.id":"b7ad6b7169203331","transaction.id":"00f067aa0ba902b7"}"#,
        r#"{"TraceId":"4bf92f3577b34da6","transaction.id":"00f067aa0ba902b7"}"#,
        "Called-Station-Id=\"internet\"",
        r#"{"driver":{"name":null}}"#,
        r#"{"Issuer":"CN=Example CA","Subject":"CN=x"}"#,
        r#"{"admin":true,"n":1}"#,
        "session=3 of 12",
        "session: org.example.SessionImpl@3f4a1b2c",
        r#"{"actor":{"profileId":"7","email":"x"}}"#,
        r#"{"rrname":"x.example","cname":"www.x.example"}"#,
        r#"{"client":"web/api","service":"billing"}"#,
        r#"{"target_type":"Project","target_details":"group/app"}"#,
        r#"{"actor_type":"User","target_details":"group/app"}"#,
        r#"{"issuer":"https://id.example","actions":3}"#,
        "Users: 12, groups: 3",
        "users: read-only, Client address: x",
        "user: [INFO, x] started",
        "user: [error, code 5] failed",
        r#"{"issuer":"ca1","action":"","n":1}"#,
        r#"{"issuer":"letsencrypt-prod","action":"create"}"#,
        r#"{"admin":1,"action":"update"}"#,
        r#"{"issuer":"R3","action":"renew"}"#,
        "issuer: R3, Action: issued",
        "issuer=R3 action=renew",
        "relay=mail.example[192.0.2.7]:25, dsn=2.0.0",
        "-name guest=web01,debug-threads=on",
        r#"{"guest":"Ubuntu Linux","cpus":2}"#,
        r#"{"room":"lobby","members":3}"#,
        r#"{"lock":"leader","holder":"node-7"}"#,
        r#"type=X msg=audit(1.2:3): gid=100 UID="" GID="users""#,
        "name=Foo Bar version=2",
        "*Password:* ",
        "sid=12345678 gid=1",
        "a=1 session_id=1234",
        r#"{"target":[{"id":"00u1a2b3","type":"Group"}]}"#,
        "subject=CN=www.example.com,OU=Web,O=x",
        "CN=Acme Root CA,OU=Security",
        "principal=250000 rate=2.5",
        "2026-05-09 07:29:21 status installed python3-jwt:all 2.6.0-1",
        "SELECT t.id FROM t JOIN u ON t.user_id = u.id LIMIT 10",
        r#"{"msg":"starting","local-member-id":"8e9e05c52164694d"}"#,
        "[n: 12, name: sshd]",
        "**Password**: ",
        r#"{"m":"total\t: 12"}"#,
        r#"{"m":"password\t: "}"#,
        "unknown field `password`: expected one of",
        "a*: b, 2 * password*: x",
        r#"{"trip":"breaker"}"#,
        r#"{"id":"x","name":"Order Service"}"#,
        r#"{"user":{"a":1},"name":"nginx"}"#,
        r#"{"service":{"name":"api"}}"#,
        r##"#<Service id: 7, name: "api">"##,
        r##"#<Service:0x00007f12 @name="api">"##,
        "#<User:0x00007f12>",
        r##"#<struct Service name="api">"##,
        "PWD=/root",
        r#"{"password":"[FILTERED]"}"#,
        r#"O:4:"User":2:{s:1:"n";i:1;}"#,
        r#"a:1:{i:0;O:4:"User":1:{s:1:"n";i:1;}}"#,
        "password=&n=&quot;1&quot;",
        "login: ok",
        "ok        : user",
        "std::vector",
        "a:: b",
        "Foo::Bar",
        "user:: Name x",
        "sn:: abc",
        "Foo::user:: Name",
        "sn: 12",
        "password1_enabled=yes",
        "password2fa=on",
        r#"{"password1":null,"password_confirmation_sent":"ok"}"#,
        "user := getUser()",
        "password := os.Getenv(\"X\")",
        "users := []string{\"a\"}",
        "for _, user := range users {",
        "if user := ctx.Value(k); user != nil {",
        "err := x.Do(password)",
        "token := <-ch",
        "user := &User{ID: 7}",
        "password := args[0]",
        "|  a   : b",
        "password         = ",
        "GC          :\t12",
        "      + password       = (sensitive value)",
        "      + username       = (known after apply)",
        "2026-01-01 10:00:00.1  INFO 1 --- [main] c.example.user            : Started in 3 s",
        r#"<service id="7" name="api"/>"#,
        r#"<member x="1" type="field" name="length"/>"#,
        r#"<device n="7" name="kitchen"/>"#,
        r#"<user/> name="api""#,
        "user=User{x",
        r#"{"password":null}"#,
        "latency: 12",
        "to=<x>, dsn=2.0.0, status=sent",
        "GPS:3,12",
        r#"{"nodes":[{"asi":"x.example","sid":"1234","hp":1}]}"#,
        r#"{"category_uid":4,"samlLogin":true}"#,
        r#"{"TerminalSessionId":2}"#,
        r#"{"hashed_token":"4f9c1e0a7b2d3c5e6f8091a2b3c4d5e6f7081920="}"#,
        "http://host/path",
        r#"{"actor":"builds[bot]","action":"push"}"#,
        "token=Token{a64f992 ActivityRecord{de9231d u0 app}}",
        "kernel/user: allow empty sets",
        "Setting up python3-jwt:amd64 (2.6.0-1), zip:arm64 (3.0-13)",
        "std::user::name",
        "password=",
        "pass=12 fail=3 skip=1",
        "PASS: test_login (0.12s)",
        "GPS:3:Off",
        r#"{"username":"system:serviceaccount:kube-system:x"}"#,
        r#"{"token":{"expirationSeconds":3607,"path":"token"}}"#,
        r#"{"cloud_account_id":"1234","serviceAccount":{"name":"x"}}"#,
        "login: pam_unix(login:auth): x",
        "created Service{id=7, name='api'}",
        "&main.Service{ID:7, Name:\"api\"}",
        "passwd: password changed",
        "(CONNECT_DATA=(SID=orcl)(SERVER=dedicated))",
        "INVITE sip:x@y;user=phone SIP/2.0",
        "user-identity: Add mapping",
        r#"[{"name":"env","value":"prod"}]"#,
        r#"{"name":"nginx","version":"1"}"#,
        r#"7,"{""password"":""""}",x"#,
        r#"{"":7,"x""y":1}"#,
        "[Times: user=0.03 sys=0.01, real=0.01 secs]",
        "GC(17) User=0.05s Sys=0.00s Real=0.01s",
        "CPU: user: 0.00 s, system: 0.00 s",
        r#"{"fields":{"usage_user":12.5,"usage_system":3.1}}"#,
        "cpu user=3 system=2 idle=95",
        "load user=12% sys=3%",
        r#"{"security":{"authorization":"enabled"}}"#,
        "gpio pin=17 value=1",
        "failed to list *v1.Secret: secrets is forbidden",
        "[Manager notify:type:deviceName:deviceType:] (null)",
        "wtoken = AppWindowToken{9f4ef63 token=Token{a64f992 ActivityRecord{de9231d",
        r#"{"dev_eui":"0000000000000000"}"#,
        "Bad activity token: android.os.BinderProxy@2bd79ce",
        r#"{"ts":1.5,"uid":"CHhAvVGS1DHFjwGM9","id.orig_p":68}"#,
        "05-01 10:00:00.123  1702  8671 D Power: lock=7, name=x.ui, uid=10037, pid=2227",
        "05-01 10:00:00.123  1702 10454 D Power: ready=true,adj=0.0userId=0",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let last = at.checked_sub(1).map_or(0, |last| byte(hay, last));
    match last {
        0x9A => confirm_wide(cx, at),
        b':' | b'=' => confirm_behind_tabs(cx, at),
        b' ' => confirm_marked(cx, at),
        _ => {}
    }
    let border = byte(hay, at);
    if !matches!(border, b'=' | b':') {
        return;
    }
    let (end, quote) = if is_alnum(last) {
        (at, None)
    } else {
        ending(hay, at)
    };
    if before(hay, end) == b']' {
        return bracket::behind(cx, at, end, quote);
    }
    let key = match quote {
        Some(Quote::PLAIN) => keys::quoted(hay, end, cx.custom, &mut cx.names),
        _ => keys::plain(hay, end, cx.custom, &mut cx.names),
    };
    if key.rule > 0 {
        cx.rule = key.rule;
        let own = Span::new(keys::own_start(hay, end), end);
        keyed(cx, at, quote, own, Class::CUSTOM);
        cx.rule = 0;
    }
    // No front end asks for a number alone: `user 1:`.
    if quote.is_none() && is_number_alone(hay, end) {
        return;
    }
    if let Some((start, class)) = key.class(end) {
        keyed(cx, at, quote, Span::new(start, end), class);
    } else if key.bare {
        let nested = match quote {
            Some(_) => object::nested(hay, end),
            None => object::printed(hay, end, border),
        };
        if let Some((start, class)) = nested.or_else(|| object::beside_a_person(cx, at, end, quote))
        {
            keyed(cx, at, quote, Span::new(start, end), class);
        } else if let Some(name) = object::beside_an_account(hay, at, end) {
            take(cx, ID, Class::ACCOUNT, Value::Quoted(name));
        }
    }
}

/// The town that the key at `key` with its border at `at` names.
fn of_a_town(cx: &mut Cx<'_>, at: usize, key: Span, value: Option<Value>) {
    let hay = cx.hay();
    let class = Class::ADDRESS;
    let town = match value {
        Some(Value::Plain(value)) => town::bare(hay, at, value.start),
        Some(Value::Quoted(value)) => {
            let named = Named {
                class,
                rule: 0,
                town: true,
            };
            return take(cx, ID, named, Value::Quoted(value));
        }
        _ => None,
    };
    match town {
        Some(town) => cx.text(town, class, ID, "its key names the class"),
        None => cx.reject(key, class, ID, "no name of a town"),
    }
}

/// A key that something else than quotes sets off from the border at `at`: `<b>Password</b>: hunter2`.
pub(super) fn told(cx: &mut Cx<'_>, at: usize, key: Span, named: Named) {
    if named.rule > 0 {
        cx.rule = named.rule;
        keyed(cx, at, None, key, Class::CUSTOM);
        cx.rule = 0;
    }
    if named.class != Class::CUSTOM {
        keyed(cx, at, None, key, named.class);
    }
}

/// `password\t: hunter2` in a string: tabs that are written as such stand between a key and the border that ends at `at`.
fn confirm_behind_tabs(cx: &mut Cx<'_>, at: usize) {
    const TABS_MAX: usize = 8;
    let hay = cx.hay();
    let border = at.saturating_sub(1);
    let mut end = border;
    for _ in 0..TABS_MAX {
        let letter = end.saturating_sub(1);
        let slash = skip_back(hay, letter, 16, |b| b == b'\\');
        if byte(hay, letter) != b't' || slash == letter {
            break;
        }
        end = skip_back(hay, slash, 8, |b| b == b' ');
    }
    if end < border
        && let Some((start, named)) = keys::named_at(cx, end)
    {
        told(cx, border, Span::new(start, end), named);
    }
}

/// Whether one or two digits alone end at `end`, as a clock has them.
fn is_number_alone(hay: &[u8], end: usize) -> bool {
    let start = skip_back(hay, end, 2, is_digit);
    start < end && !is_word(before(hay, start))
}

/// Where the key in front of the border at `at` ends, and the quote behind it.
#[inline]
fn ending(hay: &[u8], at: usize) -> (usize, Option<Quote>) {
    let end = key_end(hay, at);
    let closing = skip(hay, end, 16, |b| b == b'\\');
    let quote = matches!(byte(hay, closing), b'"' | b'\'').then(|| Quote {
        byte: byte(hay, closing),
        escapes: closing.saturating_sub(end),
    });
    (end, quote)
}

/// A key of a class that ends at the border `at`.
fn keyed(cx: &mut Cx<'_>, at: usize, quote: Option<Quote>, span: Span, class: Class) {
    let hay = cx.hay();
    let start = span.start;
    let border = byte(hay, at);
    // `\nREDACTED-ACCOUNT:x:…`
    let own = start.saturating_add(usize::from(is_escape_letter(hay, start)));
    if byte(hay, own) == b'R' && is_label(Span::new(own, span.end).of(hay)) {
        return cx.reject(span, class, ID, "a label that stands for a value");
    }
    let next = byte(hay, at.saturating_add(1));
    if quote.is_none()
        && next == b':'
        && let Some(value) = keys::ldif::value(hay, start, at, class)
    {
        return cx.text(value, class, ID, "its key names the class");
    }
    if quote.is_none() && (next == border || before(hay, at) == border)
        || next == b'/' && byte(hay, at.saturating_add(2)) == b'/'
    {
        return cx.reject(
            span,
            class,
            ID,
            "an operator, a scope or a scheme, not a key",
        );
    }
    // `password=&next=1`
    if quote.is_none() && next == b'&' {
        return match referred(hay, at.saturating_add(1)) {
            Some(value) => take(cx, ID, class, Value::Quoted(value)),
            None => cx.reject(span, class, ID, "no value"),
        };
    }
    // `"$email"`, `"@user"`: a mark in front of the name is the program's.
    let front = before(hay, start);
    let opens = start.saturating_sub(usize::from(matches!(front, b'$' | b'@')));
    if let Some(quote) = quote
        && before(hay, opens) != quote.byte
        && !ends_a_uri(hay, start, quote, at)
    {
        return cx.reject(span, class, ID, "the quote does not open before the key");
    }
    let colon = quote.is_none() && border == b':';
    if colon && front == b'%' && is_mnemonic(span.of(hay)) {
        return cx.reject(span, class, ID, "the name of a message");
    }
    if colon && is_logger(hay, start, at) {
        return cx.reject(span, class, ID, "the name of a logger");
    }
    if colon && class == Class::ACCOUNT {
        // `/api/login: 403`, `imap-login: Info:` are a path and a process.
        if span.of(hay).ends_with(b"login") && (front == b'/' || span.of(hay).contains(&b'-')) {
            return cx.reject(span, class, ID, "a path or the name of a process");
        }
        if front == b'/' {
            command::net_use(cx, start.saturating_sub(1), at);
            // `kernel/user: allow …`: what a path says is changed; of `email/user: ann`, somebody follows.
            if next == b' ' && is_deed(hay, at.saturating_add(2)) && !ends_a_url(hay, start) {
                return cx.reject(span, class, ID, "the end of a path");
            }
        }
    }
    let colon_at = at;
    let mut at = match colon && front == b'*' {
        true => bold(hay, at),
        false => at,
    };
    if colon && matches!(next, b' ' | b'<' | b'&' | b'\\') {
        match xml::behind(hay, at.saturating_add(1)) {
            Some(xml::Behind::Element(value)) => return take(cx, ID, class, Value::Quoted(value)),
            Some(xml::Behind::Text(start)) => at = start.saturating_sub(1),
            Some(xml::Behind::Nothing) => return cx.reject(span, class, ID, "no value"),
            None => {}
        }
    }
    let next = byte(hay, at.saturating_add(1));
    let open = match next {
        b' ' | b'\t' => skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t')),
        _ => at.saturating_add(1),
    };
    let container = matches!(byte(hay, open), b'{' | b'[');
    if byte(hay, open) == b'[' {
        if let Some(open) = slice(hay, open) {
            return hold(cx, ID, Keys::Usual, open, class);
        }
        if let Some((quote, content)) = converted(hay, open) {
            let end = cx.unclosed.string_end(hay, content, quote);
            return take(cx, ID, class, Value::Quoted(Span::new(content, end)));
        }
    }
    // `embedding=[0.1,-0.2]`, `users: ['ann']`: a list without its key in quotes.
    let list = container
        && quote.is_none()
        && (is_list(hay, open) || border == b'=' && is_vector(hay, open));
    if list || container && quote.is_some() {
        return held(cx, open, span, class);
    }
    if container && byte(hay, open) == b'[' && listed(cx, ID, open, class) {
        return;
    }
    let class = match class {
        Class::MAC if is_telephone(hay, span, at) => Class::PHONE,
        class => class,
    };
    let value = match quote {
        None if byte(hay, at.saturating_add(1)) == b'[' => counted(hay, at),
        Some(_) if byte(hay, span.end.saturating_add(1)) == b'"' => doubled(hay, span.end, at),
        _ => None,
    };
    let secret = class == Class::PASSWORD;
    let value = value.or_else(|| refused(hay, at));
    let mut value = value.or_else(|| match border == b':' && next == b'=' {
        true => assigned(hay, span, at, class, &mut cx.unclosed),
        false => value_at(hay, at, quote, secret, &mut cx.unclosed),
    });
    if quote.is_none()
        && let Some(Value::Plain(code)) = value
        && (is_called(hay, at, code.start) || is_structure(hay, span, code))
    {
        return cx.reject(code, class, ID, "what a program calls or prints");
    }
    if value.is_none() && quote.is_none() && border == b'=' && next == b' ' {
        value = behind_a_blank(hay, at, secret, &mut cx.unclosed);
    }
    if secret && let Some(Value::Plain(value)) = &mut value {
        *value = with_its_bracket(hay, *value);
    }
    if secret && border == b'=' && quote.is_none() {
        value = value.map(|value| before_a_field(hay, span, value));
    }
    // `"password" = null -> "hunter2"`
    let nothing = || {
        let end = open.saturating_add(4);
        let null = quote.is_some() && Span::new(open, end).of(hay) == b"null";
        null.then(|| Value::Plain(Span::new(open, end)))
    };
    if let Some(old) = value.or_else(nothing)
        && let Some(new) = changed(hay, old, &mut cx.unclosed)
        && !foreign::is_foreign(hay, span, old.span(), class)
    {
        take(cx, ID, class, Value::Quoted(new));
    }
    // In place: a copy would wait for its own pieces.
    if let Some(value) = &mut value
        && may_be_wrapped(hay, value)
    {
        *value = unwrapped(cx, *value, secret);
    }
    if class == Class::ADDRESS && town::is_key(span.of(hay)) {
        return of_a_town(cx, at, span, value);
    }
    match value {
        None => cx.reject(span, class, ID, "no value"),
        Some(Value::Number(value)) if counts_members(hay, span, value) => {
            cx.reject(value, class, ID, "how many members an object has");
        }
        Some(Value::Plain(value)) if value.is_empty() => {
            cx.reject(value, class, ID, "no value");
        }
        Some(Value::Plain(value)) if no_value(hay, span, colon_at, value, class) => {
            cx.reject(value, class, ID, "a heading, a state or another key");
        }
        Some(Value::Plain(value)) if foreign::is_foreign(hay, span, value, class) => {
            cx.reject(value, class, ID, "the same name of something else");
        }
        // `uid=1003(ann)`
        Some(Value::Plain(value))
            if class == Class::ACCOUNT && named_number(value.of(hay)).is_some() =>
        {
            let open = value
                .start
                .saturating_add(named_number(value.of(hay)).unwrap_or_default());
            take(cx, ID, class, Value::Plain(Span::new(value.start, open)));
            let name = Span::new(open.saturating_add(1), value.end);
            take(cx, ID, class, Value::Plain(name));
        }
        Some(Value::Plain(value)) if auditd::is_account(hay, span, value) => {
            let reason = "an account in the digits of an audit record";
            cx.accept(value, class, Spelling::Hex, ID, reason);
        }
        Some(Value::Plain(value)) => {
            let value = words::extend(hay, span, at, value, class);
            let value = words::without_unit(hay, value, class);
            match is_short_postcode(hay, span, value, class, false) {
                true => cx.text(value, class, ID, "its key names the class"),
                false => take(cx, ID, class, Value::Plain(value)),
            }
        }
        Some(Value::Quoted(value) | Value::Number(value))
            if foreign::is_foreign(hay, span, value, class) =>
        {
            cx.reject(value, class, ID, "the same name of something else");
        }
        Some(Value::Quoted(value)) if quote.is_some() && looks_like_one(hay, value) => {
            take_all(cx, ID, class, Value::Quoted(value));
        }
        Some(Value::Quoted(value)) if is_short_postcode(hay, span, value, class, true) => {
            cx.text(value, class, ID, "its key names the class");
        }
        Some(Value::Number(value)) if is_short_postcode(hay, span, value, class, false) => {
            cx.accept(
                value,
                class,
                Spelling::Number,
                ID,
                "its key names the class",
            );
        }
        Some(value) => take(cx, ID, class, value),
    }
}
