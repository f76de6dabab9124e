//! What the portal makes of a request: an HTTP answer, the posts to store, and how it ends.

use std::time::Duration;

use super::php::{Php, Unencodable, json_encode};
use super::post::{NewPost, PostUpdate};
use super::rest_failure::RestFailure;

pub(super) const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html";

/// How an answer reaches the client, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As HTTP has it.
    Whole,
    /// The connection breaks in the middle of the body.
    Cut,
    /// The connection is closed without a byte.
    Lost,
    /// The connection stays open and silent.
    Never,
    /// Status and headers come at once, the body a byte now and then, longer than anybody waits.
    Drip,
}

/// The answer to one request. Its posts and changes must be stored before it is delivered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The body, whole; `delivery` says how much of it goes out.
    pub body: Vec<u8>,
    /// Time that the request takes before it is answered: its wait in line for a worker, and
    /// server time.
    pub cost: Duration,
    /// The posts that the request created, in order.
    pub posts: Vec<NewPost>,
    /// What it changed in these and older posts after that, in order.
    pub updated: Vec<PostUpdate>,
    /// The IDs of the posts that it deleted after that.
    pub deleted: Vec<i64>,
    /// Where the page is now, for the `Location` header. It holds the webhook's secret.
    pub location: Option<String>,
    /// The method for the request log; empty for a page that is no REST call.
    pub method: String,
    /// How it goes out: whole, or spoilt by a fault.
    pub delivery: Delivery,
    /// The planned fault that the request has met, by its name in the plan.
    pub fault: Option<&'static str>,
    /// Those that its posts have met, in order.
    pub post_faults: Vec<&'static str>,
}

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Answer {
        Answer {
            status,
            content_type,
            body,
            cost: Duration::ZERO,
            posts: Vec::new(),
            updated: Vec::new(),
            deleted: Vec::new(),
            location: None,
            method: String::new(),
            delivery: Delivery::Whole,
            fault: None,
            post_faults: Vec::new(),
        }
    }

    /// A JSON answer. What cannot be encoded becomes `WRONG_ENCODING`: the call itself went
    /// through, so the status stays (bitrix24-rest.md §7).
    pub(super) fn json(status: u16, value: &Php) -> Answer {
        let body = json_encode(value)
            .or_else(|Unencodable| json_encode(&RestFailure::WRONG_ENCODING.to_php()));
        Answer::new(status, JSON, body.unwrap_or_default())
    }

    /// The failure of a whole request.
    pub(super) fn failure(failure: &RestFailure) -> Answer {
        Answer::json(failure.status, &failure.to_php())
    }

    /// A page of the web server in front of PHP, which knows nothing of JSON.
    pub(super) fn page(status: u16, reason: &str) -> Answer {
        let body = format!(
            "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n\
             <center><h1>{status} {reason}</h1></center>\r\n</body>\r\n</html>\r\n"
        );
        Answer::new(status, HTML, body.into_bytes())
    }

    /// The page has moved, with the portal, to another address (bitrix24-rest.md §9).
    pub(super) fn moved(address: &str) -> Answer {
        Answer {
            location: Some(address.to_owned()),
            ..Answer::page(302, "Found")
        }
    }

    /// What this request did, but answered differently.
    pub(super) fn replaced_by(self, answer: Answer) -> Answer {
        Answer {
            cost: self.cost,
            posts: self.posts,
            updated: self.updated,
            deleted: self.deleted,
            post_faults: self.post_faults,
            ..answer
        }
    }

    /// The same, but it reaches the client in another way.
    pub(super) fn delivered(self, delivery: Delivery) -> Answer {
        Answer { delivery, ..self }
    }

    /// Nothing: the connection is closed. 444 is how nginx logs that.
    pub(super) fn closed() -> Answer {
        Answer {
            delivery: Delivery::Lost,
            ..Answer::new(444, HTML, Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_not_utf8_spoils_the_whole_answer() {
        let answer = Answer::json(200, &Php::map([("result", Php::text(b"\xff"))]));
        assert_eq!(answer.status, 200);
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.starts_with(r#"{"error":"WRONG_ENCODING","#), "{body}");
    }

    #[test]
    fn pages_are_html() {
        let answer = Answer::page(502, "Bad Gateway");
        assert_eq!(answer.content_type, "text/html");
        assert!(String::from_utf8(answer.body).unwrap().contains("<h1>502"));
    }
}
