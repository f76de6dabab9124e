//! Each line was compared with PHP 8.2's own `parse_str`.

use proptest::prelude::*;

use super::super::json_encode;
use super::*;

/// The array as PHP's own `json_encode` prints it.
fn parsed(query: impl AsRef<[u8]>) -> String {
    let array = parse_str(&Bytes::copy_from_slice(query.as_ref()));
    String::from_utf8(json_encode(&Php::Array(array)).unwrap()).unwrap()
}

#[test]
fn plain_names_and_values() {
    for (query, json) in [
        ("", "[]"),
        ("a=1", r#"{"a":"1"}"#),
        ("a=1&a=2", r#"{"a":"2"}"#),
        ("a", r#"{"a":""}"#),
        ("a=", r#"{"a":""}"#),
        ("a==b", r#"{"a":"=b"}"#),
        ("=1", "[]"),
        ("&&a=1&", r#"{"a":"1"}"#),
        ("a;b=1;c=2", r#"{"a;b":"1;c=2"}"#),
        ("a+b=c+d", r#"{"a_b":"c d"}"#),
        ("a=%2B%2b", r#"{"a":"++"}"#),
        ("a=%zz%4", r#"{"a":"%zz%4"}"#),
        ("a%2=1%2", r#"{"a%2":"1%2"}"#),
        ("5=x&6=y", r#"{"5":"x","6":"y"}"#),
        ("0=x&1=y", r#"["x","y"]"#),
        ("this=1&GLOBALS=2", r#"{"this":"1","GLOBALS":"2"}"#),
    ] {
        assert_eq!(parsed(query), json, "{query}");
    }
}

#[test]
fn names_are_mangled_at_the_top_only() {
    for (query, json) in [
        ("a b=1", r#"{"a_b":"1"}"#),
        ("a.b=1", r#"{"a_b":"1"}"#),
        ("a%2Eb=1", r#"{"a_b":"1"}"#),
        ("  a=1", r#"{"a":"1"}"#),
        ("%20a=1", r#"{"a":"1"}"#),
        ("  =1", "[]"),
        ("\ta=1", r#"{"\ta":"1"}"#),
        ("a]=1", r#"{"a]":"1"}"#),
        ("a.b[c.d]=1", r#"{"a_b":{"c.d":"1"}}"#),
        ("a[b c]=1", r#"{"a":{"b c":"1"}}"#),
        ("..Host-a=1", "[]"),
        ("._Secure-[x]=1", "[]"),
        ("__Host-a=1", r#"{"__Host-a":"1"}"#),
        (".Host-a=1", r#"{"_Host-a":"1"}"#),
        ("a[b][__Host-x]=1", r#"{"a":{"b":[]}}"#),
        ("a[__Host-x][b]=1", r#"{"a":[]}"#),
    ] {
        assert_eq!(parsed(query), json, "{query}");
    }
}

#[test]
fn brackets_build_arrays() {
    for (query, json) in [
        ("a[]=1&a[]=2", r#"{"a":["1","2"]}"#),
        ("a[b][c]=1", r#"{"a":{"b":{"c":"1"}}}"#),
        ("a%5Bb%5D=1", r#"{"a":{"b":"1"}}"#),
        ("a[0][0]=n&a[0][1]=m", r#"{"a":[["n","m"]]}"#),
        ("a[]=1&a[][]=2", r#"{"a":["1",["2"]]}"#),
        ("a[][x]=1&a[][x]=2", r#"{"a":[{"x":"1"},{"x":"2"}]}"#),
        ("a[5]=x&a[]=y", r#"{"a":{"5":"x","6":"y"}}"#),
        ("a[-5]=x&a[]=y", r#"{"a":{"-5":"x","-4":"y"}}"#),
        ("a[05]=x&a[-0]=y", r#"{"a":{"05":"x","-0":"y"}}"#),
        (
            "a[9223372036854775807]=x&a[]=y",
            r#"{"a":{"9223372036854775807":"x"}}"#,
        ),
        ("a=1&a[b]=2", r#"{"a":{"b":"2"}}"#),
        ("a[b]=1&a=2", r#"{"a":"2"}"#),
        ("a[b][]=1&a[b]=2&a[b][]=3", r#"{"a":{"b":["3"]}}"#),
    ] {
        assert_eq!(parsed(query), json, "{query}");
    }
}

#[test]
fn odd_brackets() {
    for (query, json) in [
        ("[a]=1", "[]"),
        ("[=1", "[]"),
        ("%5B=1", "[]"),
        ("a%5B=1", r#"{"a_":"1"}"#),
        ("a[b=1", r#"{"a_b":"1"}"#),
        ("a[b.c d[e=1", r#"{"a_b_c_d_e":"1"}"#),
        ("a. [.=1", r#"{"a____":"1"}"#),
        ("a[b][c=1", r#"{"a":{"b":"1"}}"#),
        ("a[][b.c=1", r#"{"a":["1"]}"#),
        ("a[b]c=1", r#"{"a":{"b":"1"}}"#),
        ("a[b]c[d]=1", r#"{"a":{"b":"1"}}"#),
        ("a[b]]=1", r#"{"a":{"b":"1"}}"#),
        ("a[[b]=1", r#"{"a":{"[b":"1"}}"#),
        ("a[]]=1", r#"{"a":["1"]}"#),
        ("a[%5D]=1", r#"{"a":["1"]}"#),
        ("a[ ]=1", r#"{"a":["1"]}"#),
        ("a[+]=1", r#"{"a":["1"]}"#),
        ("a[%09]=1&a[%0B]=2", r#"{"a":["1","2"]}"#),
        ("a[++]=1", r#"{"a":{"  ":"1"}}"#),
        ("a[ b]=1", r#"{"a":{" b":"1"}}"#),
        ("a[ = ]=1", r#"{"a__":" ]=1"}"#),
        ("a[b=1&a_b[]=2", r#"{"a_b":["2"]}"#),
    ] {
        assert_eq!(parsed(query), json, "{query}");
    }
}

#[test]
fn a_nul_ends_a_name_but_not_a_value() {
    assert_eq!(parsed("a%00b=1"), r#"{"a":"1"}"#);
    assert_eq!(parsed("a=1%00b"), r#"{"a":"1\u0000b"}"#);
    assert_eq!(parsed("a[b%00c]=1"), r#"{"a_b":"1"}"#);
    assert_eq!(parsed("%00=1"), "[]");
}

#[test]
fn the_thousand_and_first_pair_is_cut() {
    let query = |pairs: usize| {
        let pairs: Vec<String> = (0..pairs).map(|n| format!("a[]={n}")).collect();
        Bytes::from(pairs.join("&&"))
    };
    for (sent, kept) in [(999, 999), (1000, 1000), (1001, 1000), (1005, 1000)] {
        let vars = parse_str(&query(sent));
        let values = vars.named("a").unwrap().as_array().unwrap();
        assert_eq!(values.len(), kept);
    }
}

#[test]
fn the_sixty_fifth_level_takes_the_variable_away() {
    for (levels, kept) in [(63, true), (64, true), (65, false)] {
        let query = format!("z=0&a=9&a{}=1", "[x]".repeat(levels));
        let vars = parse_str(&Bytes::from(query));
        assert_eq!(vars.named("a").is_some(), kept, "{levels}");
        assert!(vars.named("z").is_some());
    }
}

#[test]
fn a_value_without_escapes_is_not_copied() {
    let query = Bytes::from_static(b"a=long text");
    let vars = parse_str(&query);
    let Some(Php::Text(value)) = vars.named("a") else {
        panic!("a is a text");
    };
    assert_eq!(value.as_ptr(), query[2..].as_ptr());
}

proptest! {
    #[test]
    fn any_bytes_are_read(query in prop::collection::vec(any::<u8>(), 0..200)) {
        parse_str(&Bytes::from(query));
    }

    #[test]
    fn any_brackets_are_read(query in r"[ab.\[\] =&%0-9+\x00]{0,60}") {
        parse_str(&Bytes::from(query));
    }

    #[test]
    fn a_fully_escaped_value_comes_back(value in prop::collection::vec(any::<u8>(), 0..60)) {
        let escaped: String = value.iter().map(|byte| format!("%{byte:02X}")).collect();
        let vars = parse_str(&Bytes::from(format!("a[k][]={escaped}")));
        let expected = Php::map([("k", {
            let mut list = Array::new();
            list.push(Php::text(&value));
            Php::Array(list)
        })]);
        prop_assert_eq!(vars.named("a"), Some(&expected));
    }
}
