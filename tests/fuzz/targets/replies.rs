//! What a portal may answer: any status with any bytes is judged, and each command sent has one
//! outcome, with no ID that the answer doesn't hold.

use b24post::batch::Command;
use b24post::portal::{
    Asked, Client, CommandOutcome, Request, RequestOutcome, Response, SendError, Transport,
    TransportError, Webhook, Within, judge,
};
use bytes::Bytes;
use futures_util::FutureExt as _;

const STATUSES: [u16; 12] = [200, 200, 200, 400, 401, 403, 404, 413, 429, 500, 503, 302];

/// Answers everything alike.
struct Always(Response);

impl Transport for Always {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Ok(self.0.clone())
    }
}

pub fn run(data: &[u8]) {
    let Some((how, body)) = data.split_first() else {
        return;
    };
    let response = Response {
        status: STATUSES[usize::from(*how) % STATUSES.len()],
        location: (how & 0x80 != 0).then(|| String::from_utf8_lossy(body).into_owned()),
        body: Bytes::copy_from_slice(body),
    };
    let keys: Vec<String> = ["ka", "kb", "0"].map(str::to_owned).to_vec();
    let answer = judge(Ok::<_, SendError>(response.clone()), Asked::Batch(&keys));
    look_at(&answer, &keys, body);
    let direct = judge(Ok::<_, SendError>(response.clone()), Asked::Direct("ka"));
    look_at(&direct, &keys[..1], body);
    ask(response);
}

fn look_at(answer: &RequestOutcome, keys: &[String], body: &[u8]) {
    let RequestOutcome::Commands { outcomes, .. } = answer else {
        return;
    };
    assert!(outcomes.iter().map(|(key, _)| key).eq(keys));
    for (_, outcome) in outcomes {
        if let CommandOutcome::Posted(id) = outcome {
            let text = String::from_utf8_lossy(body);
            let is_there = text.contains(&id.to_string()) || text.contains('\\');
            assert!(is_there, "{id} is nowhere in {text}");
        }
    }
}

/// The calls that only read.
fn ask(response: Response) {
    let webhook = Webhook::parse("https://p.example/rest/1/s3cr3tc0de/").unwrap();
    let second = std::time::Duration::from_secs(1);
    let within = Within {
        upload: second,
        answer: second,
    };
    let portal = Client::new(Always(response), webhook, within);
    let command = Command {
        method: "m.list",
        params: Vec::new(),
    };
    let commands = [command.clone(), command.clone()];
    drop(portal.server_time().now_or_never().unwrap());
    drop(portal.read(&command).now_or_never().unwrap());
    if let Ok(pages) = portal.read_all(&commands).now_or_never().unwrap() {
        assert_eq!(pages.len(), commands.len());
    }
}
