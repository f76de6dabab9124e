use super::super::super::settings::{Accounting, OperatingRules};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn costly(post_cost: Duration) -> Settings {
    Settings {
        post_cost,
        ..english()
    }
}

fn limited(limit: u64, accounting: Accounting) -> Portal {
    portal(Settings {
        operating: OperatingRules {
            limit: Some(Duration::from_secs(limit)),
            ban: None,
            accounting,
        },
        ..costly(SECOND)
    })
}

fn add(portal: &mut Portal, now: u64) -> Answer {
    let request = post("crm.livefeedmessage.add", direct().to_string());
    portal.handle(&request, now)
}

#[test]
fn each_command_is_refused_by_itself_once_its_method_is_over() {
    let mut portal = limited(3, Accounting::Calls);
    let mut commands = adds(6);
    commands["cmd"]["z"] = json!("profile");
    let answer = call(&mut portal, "batch", &commands);
    assert_eq!((answer.status, answer.posts.len()), (200, 4));
    assert_eq!(answer.cost, SECOND * 4);
    let result = &read(&answer)["result"];
    assert_eq!(result["result_time"]["k03"]["operating"], 4);
    assert_eq!(
        result["result_time"]["k03"]["operating_reset_at"],
        NOW / 60_000 * 60 + 600
    );
    assert_eq!(result["result_error"].as_object().unwrap().len(), 2);
    for key in ["k04", "k05"] {
        let error = &result["result_error"][key]["error"];
        assert_eq!(error, "OPERATION_TIME_LIMIT", "{key}");
    }
    assert_eq!(result["result"]["z"]["ID"], "1");

    let refused = add(&mut portal, NOW + 5_000);
    assert_eq!((refused.status, refused.cost), (429, Duration::ZERO));
    assert_eq!(read(&refused)["error"], "OPERATION_TIME_LIMIT");
    assert_eq!(read(&refused).get("time"), None);
    let reset = (NOW / 60_000 + 10) * 60_000;
    assert_eq!(add(&mut portal, reset - 1).status, 429);
    assert_eq!(add(&mut portal, reset).status, 200);
}

#[test]
fn a_batch_charged_as_a_whole_runs_over_and_does_not_show_itself() {
    let mut portal = limited(3, Accounting::Requests);
    let answer = call(&mut portal, "batch", &adds(6));
    assert_eq!(answer.posts.len(), 6);
    let reply = read(&answer);
    assert_eq!(reply["result"]["result_time"]["k05"]["operating"], 0);
    assert_eq!(reply["time"]["operating"], 3);
    assert_eq!(add(&mut portal, NOW + 6_000).status, 429);
    let again = portal.handle(&post("batch", adds(1).to_string()), NOW + 6_000);
    let errors = &read(&again)["result"]["result_error"];
    assert_eq!(errors["k00"]["error"], "OPERATION_TIME_LIMIT");
}

#[test]
fn a_batch_that_counts_itself_may_be_over() {
    let mut portal = limited(1, Accounting::Requests);
    call(&mut portal, "batch", &adds(3));
    let again = portal.handle(&post("batch", adds(1).to_string()), NOW + 3_000);
    assert_eq!(again.status, 429);
    assert_eq!(read(&again)["error"], "OPERATION_TIME_LIMIT");
}

#[test]
fn a_direct_call_tells_its_own_time_unless_it_is_a_trifle() {
    for (cost, told) in [(50, 0.0), (100, 0.0), (200, 0.2)] {
        let mut portal = portal(Settings {
            operating: OperatingRules {
                accounting: Accounting::Requests,
                ..OperatingRules::default()
            },
            ..costly(Duration::from_millis(cost))
        });
        let operating = read(&add(&mut portal, NOW))["time"]["operating"].as_f64();
        assert_eq!(operating, Some(told), "{cost}");
    }
}

#[test]
fn a_portal_that_does_not_count_leaves_the_account_out() {
    let time = read(&add(&mut limited(0, Accounting::Off), NOW))["time"].clone();
    assert_eq!(time["duration"], 1);
    assert_eq!(time.get("operating"), None);
    assert_eq!(time.get("operating_reset_at"), None);
}

#[test]
fn a_request_is_cut_at_its_limit() {
    for (sent, cost, posted, whole) in [
        (40, 1_500, 40, true),
        (41, 1_500, 41, false),
        (50, 1_400, 43, false),
    ] {
        let mut portal = portal(costly(Duration::from_millis(cost)));
        let answer = call(&mut portal, "batch", &adds(sent));
        assert_eq!(answer.posts.len(), posted, "{sent} x {cost}");
        assert_eq!(answer.cost, SECOND * 60);
        let seen = (answer.status, answer.content_type == "text/html");
        assert_eq!(seen, if whole { (200, false) } else { (502, true) });
        assert_eq!(answer.fault, None);
    }
}

#[test]
fn a_direct_call_is_cut_too() {
    let mut portal = portal(Settings {
        request_limit: SECOND,
        ..costly(SECOND * 2)
    });
    let answer = add(&mut portal, NOW);
    assert_eq!((answer.status, answer.posts.len()), (502, 1));
    assert_eq!(answer.cost, SECOND);
}

#[test]
fn bytes_cost_as_well() {
    let mut portal = portal(Settings {
        mib_cost: SECOND * 4,
        ..costly(SECOND)
    });
    let mut params = direct();
    params["fields"]["MESSAGE"] = json!("m".repeat(1 << 19));
    let answer = call(&mut portal, "crm.livefeedmessage.add", &params);
    assert_eq!(answer.cost, SECOND * 3);
}

#[test]
fn posts_are_not_there_before_their_time() {
    let mut portal = portal(costly(SECOND));
    let comment = "crm.timeline.comment.add?fields[COMMENT]=c&fields[ENTITY_ID]=1\
                   &fields[ENTITY_TYPE]=deal";
    let commands = json!({"cmd": {"a": comment, "b": comment, "c": comment}});
    assert_eq!(call(&mut portal, "batch", &commands).posts.len(), 3);
    let filter = json!({"filter": {"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}});
    for (after, there) in [(0, 1), (999, 1), (1_000, 2), (2_000, 3)] {
        let list = post("crm.timeline.comment.list", filter.to_string());
        let answer = portal.handle(&list, NOW + after);
        assert_eq!(read(&answer)["total"], there, "{after}");
    }
}

#[test]
fn who_waits_for_a_worker_is_answered_later() {
    let mut portal = portal(Settings {
        workers: std::num::NonZeroUsize::new(2),
        ..costly(SECOND)
    });
    let costs: Vec<u64> = (0..4)
        .map(|_| add(&mut portal, NOW).cost.as_secs())
        .collect();
    assert_eq!(costs, [1, 1, 2, 2]);
    let late = add(&mut portal, NOW + 1_500);
    assert_eq!(late.cost, Duration::from_millis(1_500));
    assert_eq!(late.posts[0].received_at, NOW + 2_000);
    assert_eq!(read(&late)["time"]["start"], (NOW + 2_000) / 1_000);
    assert_eq!(read(&late)["time"]["duration"], 1);
}

#[test]
fn what_is_refused_takes_no_worker() {
    let mut portal = portal(Settings {
        workers: std::num::NonZeroUsize::new(1),
        rate_limit: Some(RateLimit {
            rate: 1.0,
            burst: 1.0,
        }),
        ..costly(SECOND)
    });
    assert_eq!(add(&mut portal, NOW).status, 200);
    let refused = add(&mut portal, NOW);
    assert_eq!((refused.status, refused.cost), (503, Duration::ZERO));
}
