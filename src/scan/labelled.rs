//! Chinese keys whose value stands in brackets or behind a blank: `用户名[ann]`, `姓名【张三】`, `账号 ann 不存在`, `姓名 张三`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys::{self, Named};
use super::names::stops;
use super::take::take;
use super::user::SESSIONS;
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, is_end, is_word, skip};
use crate::format::value::Value;
use crate::record::Span;

const ID: &str = "labelled";

/// How such keys end, and the bracket behind them.
const OPENS: &[&str] = &[
    "户[", "戶[", "名[", "号[", "號[", "码[", "碼[", "员[", "員[", "人[", "证[", "證[", "箱[",
    "址[", "称[", "稱[", "户【", "戶【", "名【", "号【", "號【", "码【", "碼【", "员【", "員【",
    "人【", "证【", "證【", "箱【", "址【", "称【", "稱【", "账号 ", "帐号 ", "帳號 ", "姓名 ",
];

const WIDE_OPEN: &str = "【";
const WIDE_CLOSE: &str = "】";

/// Longest value.
const VALUE_BYTES_MAX: usize = 128;

/// `用户[ann]密码错误`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: OPENS,
    source: "keys.txt; GB/T 15834 (brackets)",
    confirm,
    finds: &[
        "用户[ann]密码错误",
        "用户名[ann]",
        "姓名[张三]",
        "姓名【张三】",
        "用户【ann】登录",
        "密码[hunter2]",
        "密码[hunter2,xyz]",
        "密码[it'shunter2]",
        "密码[a{hunter2]",
        "密码[Hu]nter2] x",
        "修改用户[10086123]的密码",
        "账号 ann 不存在",
        "账号 lina_90 在新设备登录",
        "账号 ann@corp 已锁定",
        "账号 vv2 失败",
        "姓名 张三",
        "姓名 张三，手机 x",
        r#"{"msg":"姓名【张三】登录"}"#,
    ],
    leaves: &[
        "用户[1,2]",
        "用户 [INFO]",
        "用户[INFO] x",
        "用户[main] x",
        "用户[http-nio-8080-exec-1]",
        "在线用户[12]",
        "用户[13912345678]密码错误",
        "用户名[不能为空]",
        "密码[不能为空]",
        "姓名[必填]",
        "用户[订单服务]调用",
        "用户[]",
        "用户[ann",
        r#"用户["ann"]"#,
        "账号 密码错误",
        "账号 token 已过期",
        "账号 API 调用",
        "姓名 性别 年龄",
        "姓名 校验失败",
        "姓名 方法 调用",
        "姓名 高级 筛选",
        "姓名 马上 补充",
        "姓名 石油 公司",
        "账号 sync 失败",
        "账号 cache 未命中",
        "账号 v2 已更新",
        "姓名 张三：x",
    ],
};

/// What is said of a value and is none.
const VERDICTS: &[&str] = &[
    "不", "空", "错", "錯", "无效", "無效", "必填", "格式", "长度", "長度", "未", "已", "失败",
    "失敗", "成功", "存在", "重复", "重複", "过期", "非法", "缺失", "信息", "列表", "管理", "系统",
    "校验", "验证", "默认", "服务", "模块", "接口", "任务", "中心",
];

/// What else happened to an account.
const STATES: &[&str] = &[
    "不存在",
    "已",
    "未",
    "被",
    "密码",
    "连续",
    "锁定",
    "从",
    "尝试",
    "失败",
    "成功",
    "异常",
    "無",
    "登入",
    "登录",
    "在",
    "使用",
    "，",
];

/// What stands in the brackets of log lines.
const OF_LOGS: &[&[u8]] = &[
    b"info", b"warn", b"warning", b"error", b"debug", b"trace", b"fatal", b"null", b"all", b"main",
    b"id", b"sync", b"async", b"cache",
];

/// Surnames, most of those that most people have.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭蔣葉蘇呂盧鍾譚陸賈韋鄒龍賀顧龔萬錢嚴湯";

/// Ordinary words whose first sign is a surname.
const WORDS: &[&str] = &[
    "方法",
    "方式",
    "方案",
    "方便",
    "高级",
    "高級",
    "高度",
    "高速",
    "马上",
    "馬上",
    "马达",
    "石油",
    "石化",
    "金额",
    "金額",
    "金融",
    "程序",
    "程度",
    "许可",
    "許可",
    "许多",
    "段落",
    "任何",
    "白名单",
    "白名單",
    "黄页",
    "万能",
    "万元",
    "武器",
    "于是",
    "余额",
    "周期",
    "周末",
];

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, OPENS) else {
        return;
    };
    let (open, close) = match literal.strip_suffix(WIDE_OPEN) {
        Some(_) => (WIDE_OPEN.len(), WIDE_CLOSE),
        None => (1, "]"),
    };
    let Some((_, named)) = keys::named_at(cx, at.saturating_sub(open)) else {
        return;
    };
    if literal.ends_with(' ') {
        return behind_a_blank(cx, named, at);
    }
    let limit = skip(hay, at, VALUE_BYTES_MAX, |b| !is_end(b) && b != b'"');
    let text = Span::new(at, limit).of(hay);
    let length = match named.class {
        Class::PASSWORD if close == "]" => own_close(text),
        _ => memchr::memmem::find(text, close.as_bytes()),
    };
    let Some(length) = length else {
        return;
    };
    let value = Span::new(at, at.saturating_add(length));
    if may_be(named.class, value.of(hay)) {
        take(cx, ID, named, Value::Quoted(value));
    } else {
        cx.reject(
            value,
            named.class,
            ID,
            "a verdict, a list or a part of a log line",
        );
    }
}

/// Where the bracket is that closes a secret at the front of `text`, which may have brackets of its own: the last in its
/// word that closes more than the word opens, `a]b]`, but not the second of `hunter2]ip[192.0.2.1]`.
fn own_close(text: &[u8]) -> Option<usize> {
    let word = skip(text, 0, text.len(), |b| b.is_ascii_graphic());
    let word = text.get(..word)?;
    let ends = memchr::memmem::find(word, b"]'").map_or(word.len(), |at| at.saturating_add(1));
    let word = word.get(..ends)?;
    let mut depth = 0i32;
    let mut last = None;
    for at in memchr::memchr2_iter(b'[', b']', word) {
        depth = depth.saturating_add(if byte(word, at) == b'[' { 1 } else { -1 });
        if depth < 0 {
            // A border is behind the one that closes it; what goes on is the secret's own.
            if is_over(word.get(at.saturating_add(1)..).unwrap_or_default()) {
                return Some(at);
            }
            last = Some(at);
        }
    }
    last.or_else(|| memchr::memrchr(b']', word))
}

/// Whether nothing of a value is in what is left of a word: brackets that close, and another field or what is said.
fn is_over(rest: &[u8]) -> bool {
    const WIDE: [&str; 4] = ["，", "；", "。", "）"];
    let closers = skip(rest, 0, rest.len(), |b| {
        matches!(b, b']' | b'}' | b')' | b'>')
    });
    let rest = rest.get(closers..).unwrap_or_default();
    let field = match rest {
        [] | [b'"' | b'\\' | b'<' | b'\'', ..] => return true,
        [b',' | b';', field @ ..] => field,
        _ => return WIDE.iter().any(|sign| rest.starts_with(sign.as_bytes())),
    };
    let name = skip(field, 0, 64, |b| is_word(b) || b >= 0x80 || b == b'"');
    field.is_empty() || name > 0 && matches!(byte(field, name), b'[' | b':' | b'=')
}

/// Whether what stands in brackets behind a key may be its value.
fn may_be(class: Class, text: &[u8]) -> bool {
    let person = matches!(class, Class::ACCOUNT | Class::NAME);
    let list = |b: &u8| matches!(b, b'[' | b'{' | b',' | b'\'');
    let digits = text.iter().all(|b| is_digit(*b));
    // Its shape says more.
    let is_mobile = text.len() == 11 && text.first() == Some(&b'1');
    let thread = || {
        [&b"exec-"[..], b"thread", b"pool-"].iter().any(|part| {
            text.windows(part.len())
                .any(|piece| piece.eq_ignore_ascii_case(part))
        })
    };
    !text.is_empty()
        && (class == Class::PASSWORD || !text.iter().any(list))
        && !has_any(text, VERDICTS)
        && !(person && (is_of_logs(text) || thread() || digits && (text.len() < 5 || is_mobile)))
        && (class != Class::PASSWORD || text.is_ascii())
        && (class != Class::SECURITY_ANSWER || text.iter().filter(|b| is_digit(**b)).count() >= 4)
}

/// A word of programs, or a version: `v2`.
fn is_of_logs(text: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().all(|b| is_digit(*b) || *b == b'.');
    let version = matches!(text, [b'v' | b'V', digits @ ..] if number(digits)) && text.len() > 1;
    version || OF_LOGS.iter().any(|word| text.eq_ignore_ascii_case(word)) || stops(text)
}

fn has_any(text: &[u8], words: &[&str]) -> bool {
    !text.is_ascii()
        && words
            .iter()
            .any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

/// The value behind a key and a blank: an account to which something happened, or what is a name by its first letter.
fn behind_a_blank(cx: &mut Cx<'_>, named: Named, at: usize) {
    let hay = cx.hay();
    let value = match named.class {
        Class::ACCOUNT => {
            let end = skip(hay, at, 64, |b| {
                is_word(b) && b < 0x80 || matches!(b, b'.' | b'@' | b'-' | b'*')
            });
            let tail = hay
                .get(skip(hay, end, 1, |b| b == b' ')..)
                .unwrap_or_default();
            let happened = SESSIONS
                .iter()
                .chain(STATES)
                .any(|state| tail.starts_with(state.as_bytes()));
            let value = Span::new(at, end);
            let text = value.of(hay);
            let word = is_of_logs(text) || keys::class_of(text).is_some();
            (value.len() > 1 && happened && !word).then_some(value)
        }
        Class::NAME => name(hay, at),
        _ => None,
    };
    if let Some(value) = value {
        take(cx, ID, named, Value::Plain(value));
    }
}

/// Two to four ideographs, the first of them a surname.
fn name(hay: &[u8], at: usize) -> Option<Span> {
    let run = Span::new(at, skip(hay, at, 24, |b| b >= 0x80)).of(hay);
    let text = match std::str::from_utf8(run) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(run.get(..error.valid_up_to())?).ok()?,
    };
    let ideograph = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let count = text.chars().take_while(|c| ideograph(*c)).count();
    let length: usize = text.chars().take(count).map(char::len_utf8).sum();
    let end = at.saturating_add(length);
    let value = Span::new(at, end);
    let border = matches!(byte(hay, end), b':' | b'=' | b'(' | b'[')
        || text.get(length..)?.starts_with(['：', '（', '【']);
    let surname = SURNAMES.contains(text.chars().next()?);
    let word = WORDS.iter().any(|word| value.of(hay) == word.as_bytes());
    let other = word || has_any(value.of(hay), VERDICTS) || keys::class_of(value.of(hay)).is_some();
    ((2..=4).contains(&count) && surname && !border && !other).then_some(value)
}
