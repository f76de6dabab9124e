//! What becomes of whole texts.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::post::{MessageFormat, has_mention};

fn html(text: &str) -> String {
    of(text, MessageFormat::Html)
}

fn markdown(text: &str) -> String {
    of(text, MessageFormat::Markdown)
}

fn of(text: &str, format: MessageFormat) -> String {
    to_bbcode(Cow::Borrowed(text), format, &["act.pdf", "plan.png"])
        .text
        .into_owned()
}

#[test]
fn each_tag_has_its_bbcode() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("<b>x</b> <strong>y</strong>", "[b]x y[/b]"),
        ("<i>x</i><em>y</em>", "[i]xy[/i]"),
        ("<u>x</u>, <ins>y</ins>", "[u]x[/u], [u]y[/u]"),
        ("<s>a</s> <strike>b</strike> <del>c</del>", "[s]a b c[/s]"),
        ("<b><i>x</b> y</i>", "[b][i]x[/i][/b] [i]y[/i]"),
        ("<h1>Title</h1><p>Text</p>", "[b]Title[/b]\n\nText"),
        ("<h1>a</h1><h2>b</h2>", "[b]a[/b]\n\n[b]b[/b]"),
        ("<pre>a</pre><pre>b</pre>", "[code]a[/code]\n[code]b[/code]"),
        ("<p>a<p>b", "a\n\nb"),
        (
            "<p>Client <b>asked</b> to call back<br>tomorrow</p>",
            "Client [b]asked[/b] to call back\ntomorrow",
        ),
        ("a<br><br/><br>b", "a\n\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<div>a<br></div><div>b</div>", "a\nb"),
        (
            "<a href=\"https://a.example/?x=1&amp;y=2\">here</a>",
            "[url=https://a.example/?x=1&y=2]here[/url]",
        ),
        ("<a href='javascript:x()'>no</a> <a name=top>a</a>", "no a"),
        (
            "<img src=\"https://a.example/a.png\" alt=x>",
            "[img]https://a.example/a.png[/img]",
        ),
        (
            "<a href=https://a.example><img src=//a.example/b.png></a>",
            "[url=https://a.example][img]https://a.example/b.png[/img][/url]",
        ),
        (
            "<ul><li>a<li>b<ul><li>c</ul></ul>end",
            "[list]\n[*]a\n[*]b\n[list]\n[*]c\n[/list]\n[/list]\nend",
        ),
        (
            "<ol><li><p>a</p></li><li><p>b</p></li></ol>",
            "[list=1]\n[*]a\n[*]b\n[/list]",
        ),
        ("<ol start=5><li>a<li>b</ol>", "5. a\n6. b"),
        (
            "x<blockquote>a<blockquote>b</blockquote></blockquote>y",
            "x\n[quote]a\n[quote]b[/quote][/quote]\ny",
        ),
        ("<pre>a  b\n  <b>c</b>\n</pre>", "[code]a  b\n  c[/code]"),
        ("run <code>ls -l</code> now", "run [code]ls -l[/code] now"),
        (
            "<table><tr><th>N<th>Sum<tr><td>1<td>2</table>",
            "[table]\n[tr][th]N[/th] [th]Sum[/th][/tr]\n[tr][td]1[/td] [td]2[/td][/tr]\n[/table]",
        ),
        ("a<hr>b", "a\n———\nb"),
        (
            "5 &lt; 6 &amp; 7&nbsp;&gt;&nbsp;3 &#1055;&copy;",
            "5 < 6 & 7 > 3 П©",
        ),
        (
            "<div style=\"color:red\">Text &amp; more &lt;tag&gt; &nbsp; &#1055;</div>",
            "Text & more <tag> П",
        ),
        (
            "&lt;p&gt;escaped &amp;amp; html&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;",
            "escaped & html\n\ntwo",
        ),
        ("<unknown x=1>kept</unknown> <o:p>this</o:p>", "kept this"),
        (
            "<script>no()</script><style>p{}</style><!-- no -->yes<title>no</title>",
            "yes",
        ),
        (
            "<span style='font-weight:bold'>b</span><span style='display:none'>no</span>",
            "[b]b[/b]",
        ),
        ("<b style='font-weight:normal'>plain</b>", "plain"),
        ("two\nlines with <b>bold</b>", "two\nlines with [b]bold[/b]"),
        ("no markup\n[b] here", "no markup\n[\u{200b}b] here"),
        ("<q>x</q>", "“x”"),
        (
            "a<iframe src=//v.example/1></iframe>b<iframe src=https://t.example height=0></iframe>",
            "a\n[url=https://v.example/1]https://v.example/1[/url]\nb",
        ),
        ("one&lt;br /&gt;two &amp;amp; three", "one\ntwo & three"),
        (
            "<div style='font-size:0px'><div style='font-size:14px'>shown</div></div>",
            "shown",
        ),
        (
            "<p><span style='white-space:pre-wrap'>a  b\nc </span><b style='white-space:pre-wrap'>d</b></p>",
            "a  b\nc [b]d[/b]",
        ),
        (
            "x<pre>\n\n  a\n\n  b\n\n</pre>y",
            "x\n[code]  a\n\n  b[/code]\ny",
        ),
        ("<input type=checkbox checked> done", "☑ done"),
        (
            "<p>[user=5]Ann[/user]</p>",
            "[\u{200b}user=5]Ann[\u{200b}/user]",
        ),
        (
            "<p>[<span>user=5]Ann[/user]</span></p>",
            "[\u{200b}user=5]Ann[\u{200b}/user]",
        ),
        ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "a\nb\nc\nd"),
        ("<select><option>a<option>b</select>", "a\nb"),
        ("<img src=\"https://t.example/o.gif\" width=1 height=1>", ""),
        (
            "<img src=cid:plan.png@1> <img src=cid:x.png@1>",
            "plan.png x.png",
        ),
        ("", ""),
    ] {
        let found = html(text);
        if found != expected {
            wrong.push(format!("{text}\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mail_reads_like_the_mail() {
    let outlook = "<html xmlns:o=\"urn:o\"><head><meta charset=utf-8><style><!-- p.MsoNormal {margin:0} --></style></head>\
        <body lang=RU><div class=WordSection1><p class=MsoNormal>Добрый день!<o:p></o:p></p>\
        <p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Счёт <b>на</b> оплату.</p>\
        <p class=MsoNormal>-- <br>Анна</p><img src=\"cid:image001.png@01D9\">\
        <div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\
        <p class=MsoNormal><b>From:</b> Ivan<br><b>Sent:</b> Monday</p></div>\
        <p class=MsoNormal>Вопрос</p><img src=https://t.example/p.gif width=\"1\" height=\"1\"></div></body></html>";
    assert_eq!(
        html(outlook),
        "Добрый день!\n\nСчёт [b]на[/b] оплату.\n--\nАнна\nimage001.png\n———\n[b]From:[/b] Ivan\n\
         [b]Sent:[/b] Monday\nВопрос"
    );
    let gmail = "<div dir=\"ltr\">Yes, fine.<div><br></div><div>Ann</div></div><br><div class=\"gmail_quote\">\
        <div dir=ltr class=gmail_attr>On Mon, Ivan wrote:<br></div><blockquote class=gmail_quote style=\"margin:0\">\
        <div>Is it fine?</div></blockquote></div>";
    assert_eq!(
        html(gmail),
        "Yes, fine.\n\nAnn\n\nOn Mon, Ivan wrote:\n[quote]Is it fine?[/quote]"
    );
    let layout = "<table role=presentation><tr><td><img src=https://cdn.example/logo.png></td><td>\
        <table><tr><td>Ann Lee</td></tr><tr><td>Sales</td></tr></table></td></tr></table>";
    let converted = to_bbcode(Cow::Borrowed(layout), MessageFormat::Html, &[]);
    assert_eq!(
        converted.text,
        "[img]https://cdn.example/logo.png[/img]\nAnn Lee\nSales"
    );
    assert_eq!(converted.images.hosts, ["cdn.example"]);
}

#[test]
fn markdown_has_its_bbcode() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("# Title\nText", "[b]Title[/b]\n\nText"),
        (
            "**b** *i* ~~s~~ `c`",
            "[b]b[/b] [i]i[/i] [s]s[/s] [code]c[/code]",
        ),
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        (
            "- a\n- b\n  1. c\n  2. d",
            "[list]\n[*]a\n[*]b\n[list=1]\n[*]c\n[*]d\n[/list]\n[/list]",
        ),
        ("3. a\n4. b", "3. a\n4. b"),
        (
            "- [x] done\n- [ ] open",
            "[list]\n[*]☑ done\n[*]☐ open\n[/list]",
        ),
        ("> quoted\n\nmine", "[quote]quoted[/quote]\n\nmine"),
        (
            "```rust\nlet a = 1;\n  b\n```\nend",
            "[code]let a = 1;\n  b[/code]\n\nend",
        ),
        (
            "| a | b |\n|---|---|\n| 1 | **2** |",
            "[table]\n[tr][th]a[/th] [th]b[/th][/tr]\n[tr][td]1[/td] [td][b]2[/b][/td][/tr]\n[/table]",
        ),
        (
            "[x](https://a.example) <https://b.example>",
            "[url=https://a.example]x[/url] [url=https://b.example]https://b.example[/url]",
        ),
        (
            "![alt](https://a.example/a.png)",
            "[img]https://a.example/a.png[/img]",
        ),
        ("![the *plan*](plan.png)", "plan.png"),
        ("a<br>b <u>c</u>", "a\nb [u]c[/u]"),
        ("<div>\n<b>x</b>\n</div>\n\ny", "[b]x[/b]\n\ny"),
        (
            "[user=5]Ann[/user] and [b]",
            "[\u{200b}user=5]Ann[\u{200b}/user] and [\u{200b}b]",
        ),
        ("---", "———"),
        ("5 \\* 6 &amp; 7", "5 * 6 & 7"),
    ] {
        let found = markdown(text);
        if found != expected {
            wrong.push(format!("{text}\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plain_text_stays_but_for_its_brackets() {
    let text = " a  b\r\n<p> &amp; [b]x[/b]\n";
    assert_eq!(
        of(text, MessageFormat::Text),
        " a  b\r\n<p> &amp; [\u{200b}b]x[\u{200b}/b]\n"
    );
    assert_eq!(of(text, MessageFormat::BbCode), text);
}

/// Texts of some MiB that nest as deep as they can, or repeat what makes readers slow.
#[test]
fn odd_texts_take_no_longer_than_others_and_no_stack() {
    let size = 2 << 20;
    let many = |piece: &str| piece.repeat(size / piece.len());
    for piece in [
        "<div>",
        "<b>",
        "<p><b>",
        "<table><tr><td>x",
        "<ul><li>x",
        "<blockquote>x",
        "</b>",
        "</p>",
        "<a href=https://a.example>x",
        "<font size=1>x<p>",
        "<span style='display:none'>",
        "<pre>x\n",
        "<",
        "&",
        "&lt;",
        "<!--",
        "<td>x",
        "<i><u>x</i>",
        "x<sub>",
        "<div a=1 ",
        "<select><option>",
        "<dd>",
        "[",
        "<svg><title>",
    ] {
        let text = many(piece);
        let begun = Instant::now();
        html(&text);
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{piece}: {:?}",
            begun.elapsed()
        );
    }
    for piece in [
        "> ", ">", "- ", "* a\n", "[", "![", "**a ", "`", "|a", "<b>", "a\n\n", "_a", "[a](",
        "1. x\n  ", "\\", "<!--", "~~",
    ] {
        let text = many(piece);
        let begun = Instant::now();
        markdown(&text);
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{piece}: {:?}",
            begun.elapsed()
        );
    }
}

/// Pieces of HTML, and the words that each shows.
fn pieces() -> Vec<(&'static str, &'static str)> {
    let tags = [
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<br>",
        "<ul>",
        "</ul>",
        "<ol>",
        "<li>",
        "</ol>",
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<th>",
        "<blockquote>",
        "</blockquote>",
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "<a href=\"https://a.example\">",
        "</a>",
        "<h2>",
        "</h2>",
        "<span>",
        "</span>",
        "<hr>",
        "<font color=red>",
        "</font>",
        "<unknown>",
        "<!-- no -->",
        "<caption>",
        "<s>",
        "</s>",
        "<u>",
        "</u>",
        " ",
        "\n",
        "&nbsp;",
        "[",
        "]",
        "<dl>",
        "<dd>",
        "<script>no</script>",
        "<style>no</style>",
    ];
    let words = [
        ("one ", "one"),
        ("two ", "two"),
        (" три ", "три"),
        (" four", "four"),
        ("\nfive ", "five"),
        (" 6&amp;7 ", "6&7"),
        (" a&lt;b ", "a<b"),
    ];
    tags.into_iter().map(|tag| (tag, "")).chain(words).collect()
}

/// The words of a text, without its tags and what keeps text from being tags.
fn words(bbcode: &str) -> Vec<String> {
    let tag = regex_lite::Regex::new(
        r"\[/?(?:b|i|u|s|code|quote|list(?:=1)?|url(?:=[^\]]*)?|table|tr|td|th|\*)\]",
    )
    .unwrap();
    let text = tag
        .replace_all(bbcode, " ")
        .replace(['[', ']', '\u{200b}', '—'], " ");
    text.split_whitespace().map(str::to_owned).collect()
}

proptest! {
    #[test]
    fn the_words_of_html_are_the_words_of_the_result(
        text in proptest::collection::vec(proptest::sample::select(pieces()), 0..40)
    ) {
        // A blank on both sides: marks may stand inside a word, which is then still one.
        let source: String = text.iter().map(|(piece, _)| *piece).collect();
        let shown: String = text.iter().map(|(_, word)| *word).collect();
        let result = html(&source);
        prop_assert_eq!(words(&result).concat(), shown.clone(), "{:?}\n{}", source, result);
        prop_assert!(!has_mention(&result));
        prop_assert_eq!(tag_balance(&result), 0);
    }

    #[test]
    fn any_text_is_read_in_any_format(text in "[<>/a-z\\[\\]=\"' \n&;!*_`#|~()0-9.-]{0,200}|.{0,100}") {
        for format in [MessageFormat::Html, MessageFormat::Markdown, MessageFormat::Text] {
            let result = of(&text, format);
            prop_assert!(!has_mention(&result), "{}", result);
        }
        looks_like_html(&text);
    }

    #[test]
    fn the_words_of_markdown_are_the_words_of_the_result(
        words in proptest::collection::vec("[a-zа-я]{1,8}", 1..20),
        between in proptest::collection::vec(proptest::sample::select(vec![
            " ", "\n", "\n\n", " **", "** ", "\n- ", "\n1. ", "\n> ", " `", "` ", "\n# ", "\n```\n", " *", "* ", "\n| ", " | ", "~~"
        ]), 20)
    ) {
        let source: String = words.iter().zip(&between).flat_map(|(word, between)| [word.as_str(), between]).collect();
        let result = markdown(&source);
        let letters: String = self::words(&result).concat().chars().filter(|letter| letter.is_alphabetic()).collect();
        // The word behind the fence of a code block names its language.
        prop_assume!(!source.contains("```"));
        prop_assert_eq!(letters, words.concat(), "{}\n{}", source, result);
    }
}

/// How many tags are open at the end, all kinds together; they must close in their order.
fn tag_balance(bbcode: &str) -> usize {
    let tag =
        regex_lite::Regex::new(r"\[(/?)(b|i|u|s|code|quote|list|url|table|tr|td|th)(?:=[^\]]*)?\]")
            .unwrap();
    let mut open: Vec<String> = Vec::new();
    for found in tag.captures_iter(bbcode) {
        match &found[1] {
            "" => open.push(found[2].to_owned()),
            _ if open.last().is_some_and(|last| *last == found[2]) => drop(open.pop()),
            _ => return usize::MAX,
        }
    }
    open.len()
}
