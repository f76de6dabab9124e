use super::*;
use crate::check::Mentions;
use crate::check::testing::{CarriesAll, codes, each_reading, posts, rules};
use crate::post::{EntityKind, Moment};
use crate::targets::{CrmFeed, NewsFeed, Timeline};

/// The problems of a manifest's rows as `row:column:code`.
fn problems(name: &str, content: &[u8], rules: &Rules) -> Vec<String> {
    let mut found = Vec::new();
    each_reading(name, content, rules, |reading| {
        found.extend(reading.problems.iter().map(|problem| {
            let column = problem.column.as_deref().unwrap_or("-");
            format!("{}:{column}:{}", problem.row, problem.code)
        }));
    });
    found
}

fn contents(name: &str, content: &[u8], rules: &Rules) -> Vec<Option<ContentHash>> {
    let mut contents = Vec::new();
    each_reading(name, content, rules, |reading| {
        contents.push(reading.content())
    });
    contents
}

#[test]
fn every_field_reads_from_both_forms() {
    let csv = "external_id,title,message,entity_type,entity_id,audience,attachments,publish_at,\
               created_at,author_name,author_id,important,important_until,tags\n\
               7,Act,\" Signed\nin full \",deal,12,\"U1,SG5\",a.txt;b\\c.txt,2099-01-01T00:00:00Z,\
               2019-03-12T14:05:00+03:00,Ivan Petrov,3,yes,2030-01-01T00:00:00Z,\"#law, acts\"\n";
    let ours = r##"{"external_id":7,"title":"Act","message":" Signed\nin full ",
        "entity_type":"deal","entity_id":12,"audience":["U1","SG5"],
        "attachments":["a.txt",{"path":"b\\c.txt"}],"publish_at":"2099-01-01T00:00:00Z",
        "created_at":"2019-03-12T14:05:00+03:00","author_name":"Ivan Petrov","author_id":"3",
        "important":true,"important_until":"2030-01-01T00:00:00Z","tags":["law","#acts"]}"##;
    let bitrix = r##"{"external_id":"7","POST_TITLE":"Act","MESSAGE":" Signed\nin full ",
        "ENTITYTYPEID":2,"ENTITYID":"12","SPERM":{"SG":["SG5"],"U":["U1"]},
        "FILES":["a.txt","b/c.txt"],"publish_at":"2099-01-01T00:00:00Z",
        "created_at":"2019-03-12T14:05:00+03:00","author_name":"Ivan Petrov","USER_ID":3,
        "IMPORTANT":"Y","IMPORTANT_DATE_END":"2030-01-01T00:00:00Z","TAGS":"law,acts"}"##;
    let jsonl = [ours, bitrix].map(|row| row.replace('\n', "")).join("\n");
    let mut read = Vec::new();
    for (name, content) in [("a.csv", csv), ("a.jsonl", &jsonl)] {
        each_reading(name, content.as_bytes(), &rules(&CarriesAll), |reading| {
            let content = reading.content().unwrap();
            read.push((content, reading.into_post().unwrap().into_owned()));
        });
    }
    let [
        (csv_content, csv),
        (ours_content, ours),
        (bitrix_content, bitrix),
    ] = &read[..]
    else {
        panic!("{read:?}")
    };
    assert_eq!(csv_content, ours_content);
    assert_eq!(csv_content, bitrix_content);
    assert_eq!(csv.audience, ours.audience);
    assert_eq!(bitrix.tags, ours.tags);
    assert_eq!(csv.external_id.as_deref(), Some("7"));
    assert_eq!(csv.message, " Signed\nin full ");
    let entity = csv.entity.unwrap();
    assert_eq!((entity.kind, entity.id), (EntityKind::Deal, 12));
    assert_eq!(csv.publish_at, Moment::parse("2099-01-01T00:00:00Z").ok());
    assert_eq!(csv.author_id, Some(3));
    assert!(csv.important && csv.important_until.is_some());
    assert_eq!(csv.tags, ["law", "acts"]);
}

#[test]
fn empty_blank_and_null_are_no_value() {
    for field in [
        "external_id",
        "title",
        "entity_id",
        "audience",
        "attachments",
        "author_id",
    ] {
        for (csv, json) in [("", "null"), ("", "\"\""), (" \t", "\" \\t\"")] {
            let expected = Post {
                message: "Hello".into(),
                ..Post::default()
            };
            assert_eq!(
                posts(field, csv, json),
                [expected.clone(), expected],
                "{field}"
            );
        }
    }
    for (field, list) in [("audience", "[]"), ("attachments", "[]"), ("tags", "[]")] {
        assert_eq!(posts(field, list, list)[0], posts("title", "", "null")[0]);
    }
}

#[test]
fn values_are_judged_by_their_field() {
    for field in ["publish_at", "created_at", "important_until"] {
        let found = codes(field, "12.03.2019", "\"12.03.2019\"");
        assert_eq!(found, [("time_invalid", "12.03.2019")]);
    }
    let no_date = codes("publish_at", "2026-03-12", "\"2026-03-12\"");
    assert_eq!(no_date, [("time_invalid", "2026-03-12")]);
    for number in ["0", "-1", "1.0", "99999999999999999999"] {
        let found = codes("author_id", number, number);
        assert_eq!(found, [("author_id_invalid", number)]);
    }
    assert_eq!(
        codes("important", "maybe", "\"maybe\""),
        [("flag_invalid", "maybe")]
    );
    assert_eq!(codes("tags", "[1]", "[1]"), [("type_wrong", "[1]")]);
}

#[test]
fn json_values_of_another_type_are_refused() {
    for (field, value) in [
        ("external_id", "[1]"),
        ("external_id", "true"),
        ("title", "5"),
        ("message", "{}"),
        ("publish_at", "1552388700"),
        ("audience", "5"),
        ("attachments", "true"),
        ("important", "[]"),
        ("tags", "{}"),
    ] {
        let message = match field {
            "message" => "",
            _ => "\"message\":\"m\",",
        };
        let row = format!("{{{message}\"{field}\":{value}}}");
        let found = problems("a.jsonl", row.as_bytes(), &rules(&CarriesAll));
        assert_eq!(found, [format!("1:{field}:type_wrong")], "{row}");
    }
}

#[test]
fn an_entity_is_whole_or_absent() {
    let csv = b"message,ENTITYTYPEID,entity_id\n\
        a,deal,\nb,,5\nc,dael,\nd,dael,x\ne,1,7\nf,,\ng,,x\nh,deal,0\n";
    let expected = [
        "1:entity_id:entity_incomplete",
        "2:ENTITYTYPEID:entity_incomplete",
        "3:ENTITYTYPEID:entity_type_invalid",
        "3:entity_id:entity_incomplete",
        "4:ENTITYTYPEID:entity_type_invalid",
        "4:entity_id:entity_id_invalid",
        "7:entity_id:entity_id_invalid",
        "7:ENTITYTYPEID:entity_incomplete",
        "8:entity_id:entity_id_invalid",
    ];
    assert_eq!(problems("a.csv", csv, &rules(&CarriesAll)), expected);
}

#[test]
fn a_message_is_required() {
    let csv = b"message,title\n,a\n\" \n\",b\n\xc2\xa0,c\n";
    let expected = [1, 2, 3].map(|row| format!("{row}:message:message_missing"));
    assert_eq!(problems("a.csv", csv, &rules(&CarriesAll)), expected);
    let jsonl = b"{}\n{\"MESSAGE\":null}\n";
    let found = problems("a.jsonl", jsonl, &rules(&CarriesAll));
    assert_eq!(
        found,
        ["1:message:message_missing", "2:MESSAGE:message_missing"]
    );
}

#[test]
fn every_problem_of_a_row_is_reported_and_none_twice() {
    let csv = b"message,entity_type,entity_id,audience,publish_at,author_id,tags\n\
        ,lead,,\"X1,U0\",soon,me,a\n";
    let expected = [
        "1:message:message_missing",
        "1:entity_id:entity_incomplete",
        "1:audience:audience_invalid",
        "1:audience:audience_invalid",
        "1:publish_at:time_invalid",
        "1:author_id:field_not_carried",
        "1:tags:field_not_carried",
    ];
    assert_eq!(problems("a.csv", csv, &rules(&CrmFeed)), expected);
}

#[test]
fn what_the_target_cannot_carry_is_refused_unless_it_says_nothing() {
    let csv = b"message,audience,important,tags,author_id\n\
        a,CRMDEAL3,no,\"\",\nb,CRMDEAL3,yes,,\nc,CRMDEAL3,,,me\n";
    let rules = rules(&CrmFeed);
    let expected = [
        "2:important:field_not_carried",
        "3:author_id:field_not_carried",
    ];
    assert_eq!(problems("a.csv", csv, &rules), expected);
    let contents = contents("a.csv", csv, &rules);
    let known: Vec<bool> = contents.iter().map(Option::is_some).collect();
    assert_eq!(known, [true, true, false]);
}

#[test]
fn the_target_may_want_a_record_and_readers() {
    let csv = b"message,entity_type,entity_id,audience\na,,,\nb,,,U1\nc,deal,3,\nd,,,CRMLEAD9\n";
    let expected = [
        "1:entity_type:entity_missing",
        "1:audience:audience_missing",
        "2:entity_type:entity_missing",
        "3:audience:audience_missing",
    ];
    assert_eq!(problems("a.csv", csv, &rules(&CrmFeed)), expected);
}

#[test]
fn a_default_audience_fills_the_post_and_not_its_content() {
    let csv = b"message,entity_type,entity_id,audience\na,deal,3,\nb,deal,3,U7\n";
    let strict = contents("a.csv", csv, &rules(&CrmFeed));
    assert!(
        strict.iter().all(Option::is_some),
        "known in spite of the objection"
    );
    for (default, expected) in [("U1,CRMDEAL3", vec!["U1", "CRMDEAL3"]), ("author", vec![])] {
        let mut rules = rules(&CrmFeed);
        rules.default_audience = default.parse().ok();
        assert_eq!(contents("a.csv", csv, &rules), strict);
        let mut audiences = Vec::new();
        each_reading("a.csv", csv, &rules, |reading| {
            let post = reading.into_post().unwrap();
            let codes = post.audience.codes().iter().map(ToString::to_string);
            audiences.push(codes.collect::<Vec<_>>());
        });
        assert_eq!(audiences, [expected, vec!["U7"]]);
    }
}

#[test]
fn a_dropped_field_is_left_out_but_stays_part_of_the_content() {
    let csv = b"message,entity_type,entity_id,audience,important\na,deal,3,U1,yes\nb,deal,3,,\n";
    let mut rules = rules(&Timeline);
    let kept = contents("a.csv", csv, &rules);
    let expected = [
        "1:audience:field_not_carried",
        "1:important:field_not_carried",
    ];
    assert_eq!(problems("a.csv", csv, &rules), expected);
    rules.dropped = [Field::Audience, Field::Important].into_iter().collect();
    assert_eq!(contents("a.csv", csv, &rules), kept);
    let mut dropped = Vec::new();
    each_reading("a.csv", csv, &rules, |reading| {
        dropped.push(reading.has_dropped());
        let post = reading.into_post().unwrap();
        assert!(post.audience.is_empty() && !post.important);
    });
    assert_eq!(dropped, [true, false]);
}

#[test]
fn a_dropped_value_has_to_be_readable_since_the_key_is_made_from_it() {
    let csv = b"message,entity_type,entity_id,audience\na,deal,3,X1\n";
    let mut rules = rules(&Timeline);
    rules.dropped = [Field::Audience].into_iter().collect();
    assert_eq!(
        problems("a.csv", csv, &rules),
        ["1:audience:audience_invalid"]
    );
}

#[test]
fn a_dropped_audience_takes_the_default_where_there_is_one() {
    let csv = b"message,audience\na,CRMDEAL3\n";
    let mut rules = rules(&NewsFeed);
    assert_eq!(
        problems("a.csv", csv, &rules),
        ["1:audience:value_not_carried"]
    );
    rules.dropped = [Field::Audience].into_iter().collect();
    assert_eq!(
        problems("a.csv", csv, &rules),
        ["1:audience:audience_missing"]
    );
    rules.default_audience = "U5".parse().ok();
    assert_eq!(problems("a.csv", csv, &rules), [""; 0]);
}

#[test]
fn mentions_are_kept_refused_or_reduced_to_names() {
    let csv = b"message,title,created_at,entity_type,entity_id,author_name\n\
        [USER=5]Ann[/USER] called,,,deal,3,\n\
        [user=5]Ann[/user] called,[user=6]Bob[/user],2019-03-12T14:05:00Z,deal,3,[user=7]C[/user]\n\
        [user=5][/user],,2019-03-12T14:05:00Z,deal,3,\n\
        plain,,2019-03-12T14:05:00Z,deal,3,\n";
    let mut rules = rules(&Timeline);
    let by_default = [
        "2:title:mention",
        "2:message:mention",
        "2:author_name:mention",
        "3:message:mention",
    ];
    assert_eq!(problems("a.csv", csv, &rules), by_default);
    rules.mentions = Some(Mentions::Error);
    let refused = [
        "1:message:mention",
        "2:title:mention",
        "2:message:mention",
        "2:author_name:mention",
        "3:message:mention",
    ];
    assert_eq!(problems("a.csv", csv, &rules), refused);
    let mentioning = |rules: &Rules| {
        let mut found = Vec::new();
        each_reading("a.csv", csv, rules, |reading| {
            let draft = reading.draft();
            found.push((reading.has_mention(), draft.message.to_string()));
        });
        found
    };
    rules.mentions = Some(Mentions::Keep);
    let kept = mentioning(&rules);
    assert!(kept[0].0 && kept[1].0 && kept[2].0 && !kept[3].0);
    let known = contents("a.csv", csv, &rules);
    rules.mentions = Some(Mentions::Text);
    let reduced = mentioning(&rules);
    assert!(reduced.iter().all(|(has_mention, _)| !has_mention));
    assert_eq!(reduced[1].1, "Ann called");
    assert_eq!(
        problems("a.csv", csv, &rules),
        ["3:message:message_missing"]
    );
    assert_eq!(contents("a.csv", csv, &rules), known, "no row becomes new");
}

#[test]
fn each_target_takes_its_own_records() {
    let csv = b"message,entity_type,entity_id,audience\na,order,3,U1\nb,dynamic_131,4,U1\n";
    let feed = problems("a.csv", csv, &rules(&CrmFeed));
    assert_eq!(
        feed,
        [
            "1:entity_type:value_not_carried",
            "2:entity_type:value_not_carried"
        ]
    );
    let mut timeline = rules(&Timeline);
    timeline.dropped = [Field::Audience].into_iter().collect();
    assert_eq!(problems("a.csv", csv, &timeline), [""; 0]);
    let news = problems("a.csv", csv, &rules(&NewsFeed));
    assert_eq!(
        news[..2],
        [
            "1:entity_type:field_not_carried",
            "1:entity_id:field_not_carried"
        ]
    );
}

#[test]
fn nul_is_refused_and_other_control_characters_are_noted() {
    assert_eq!(
        codes("title", "a\0b", r#""a\u0000b""#),
        [("nul_character", "a\\u{0}b")]
    );
    let nested = r#"["a\u0000"]"#;
    assert_eq!(
        codes("tags", nested, nested),
        [("nul_character", "a\\u{0}")]
    );
    let mut noted = Vec::new();
    let csv = b"message,note\n\"a\tb\r\nc\",\x01\na\x01,\na\x7f,\na\x0c,\n";
    each_reading("a.csv", csv, &rules(&CarriesAll), |reading| {
        noted.push(reading.has_control_chars());
        assert!(reading.into_post().is_ok());
    });
    assert_eq!(noted, [false, true, true, true]);
}

#[test]
fn invalid_utf8_is_told_with_its_place_in_the_cell() {
    let csv = b"message,title,note\nHello,caf\xe9,\xff\n";
    let mut found = Vec::new();
    each_reading("a.csv", csv, &rules(&CarriesAll), |reading| {
        found.extend(reading.into_post().unwrap_err());
    });
    let [problem] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(problem.code, Code::Utf8Invalid);
    assert_eq!(problem.column.as_deref(), Some("title"));
    assert!(
        problem.advice.starts_with("byte 4 of the cell, 0xE9,"),
        "{}",
        problem.advice
    );
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    let found = problems("a.jsonl", br#"{"message":"\ud83d"}"#, &rules(&CarriesAll));
    assert_eq!(found, ["1:message:json_invalid"]);
}

#[test]
fn the_id_is_known_even_of_a_row_with_problems() {
    let mut ids = Vec::new();
    let csv = b"external_id,message\n A-1 ,\n,x\n";
    each_reading("a.csv", csv, &rules(&CarriesAll), |reading| {
        ids.push(reading.external_id().map(str::to_owned));
    });
    assert_eq!(ids, [Some("A-1".to_owned()), None]);
}
