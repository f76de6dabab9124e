use super::*;
use proptest::prelude::*;

fn endpoint(text: &str) -> String {
    let webhook = Webhook::parse(text).unwrap();
    webhook.endpoint("batch").expose().to_string()
}

#[test]
fn every_written_form_gives_the_same_endpoint() {
    for text in [
        "https://a.bitrix24.com/rest/1/s3cr3t",
        "https://a.bitrix24.com/rest/1/s3cr3t/",
        " https://A.bitrix24.com/rest/1/s3cr3t/profile.json\n",
        "https://a.bitrix24.com//rest/1/s3cr3t/crm.lead.add/",
        "https://a.bitrix24.com:443/rest/1/s3cr3t/profile",
    ] {
        assert_eq!(endpoint(text), "https://a.bitrix24.com/rest/1/s3cr3t/batch");
    }
}

#[test]
fn port_base_path_and_login_are_kept() {
    assert_eq!(
        endpoint("https://crm.example:8443/portal/rest/ivan%40x/s3cr3t/"),
        "https://crm.example:8443/portal/rest/ivan%40x/s3cr3t/batch"
    );
}

#[test]
fn a_host_beyond_ascii_is_called_by_its_ascii_form() {
    for host in ["портал.рф", "ПОРТАЛ.рф", "xn--80awhdgm.xn--p1ai"] {
        let webhook = Webhook::parse(&format!("https://{host}/rest/1/s3cr3t/")).unwrap();
        assert_eq!(webhook.host(), "xn--80awhdgm.xn--p1ai", "{host}");
    }
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for host in [
        "127.0.0.1:8080",
        "127.9.9.9",
        "[::1]:80",
        "localhost",
        "LOCALHOST:1",
    ] {
        let webhook = Webhook::parse(&format!("http://{host}/rest/1/s3cr3t/")).unwrap();
        assert!(webhook.is_loopback(), "{host}");
    }
    for host in ["portal.example", "128.0.0.1", "localhost.example", "[::2]"] {
        let address = format!("{host}/rest/1/s3cr3t/");
        let plain = Webhook::parse(&format!("http://{address}")).unwrap_err();
        assert!(matches!(plain, WebhookError::Insecure), "{host}");
        assert!(
            !Webhook::parse(&format!("https://{address}"))
                .unwrap()
                .is_loopback()
        );
    }
}

#[test]
fn each_fault_is_named() {
    use WebhookError as E;
    let fault = |text: &str| Webhook::parse(text).unwrap_err();
    assert!(matches!(fault("  "), E::Empty));
    assert!(matches!(
        fault("https://p.example/rest/1/s3 cr3t/"),
        E::Blank
    ));
    assert!(matches!(fault("p.example/rest/1/s3cr3t/"), E::NoScheme));
    assert!(matches!(fault("localhost:80/rest/1/s3cr3t/"), E::NoScheme));
    assert!(matches!(
        fault("ftp://p.example/rest/1/s3cr3t/"),
        E::NoScheme
    ));
    assert!(matches!(fault("https:///:x/rest/1/s3cr3t"), E::Host));
    assert!(matches!(
        fault("https://p.example:99999/rest/1/s3cr3t"),
        E::Host
    ));
    assert!(matches!(
        fault("https://u:s3cr3t@p.example/rest/1/s3cr3t"),
        E::UserInfo
    ));
    assert!(matches!(
        fault("https://p.example/rest/1/s3cr3t/?auth=1"),
        E::Query
    ));
    assert!(matches!(
        fault("https://p.example/rest/1/s3cr3t/#x"),
        E::Query
    ));
    assert!(matches!(fault("https://p.example/1/s3cr3t/"), E::NoRest));
    assert!(matches!(
        fault("https://p.example/rest/api/1/s3cr3t/"),
        E::NewRest
    ));
    assert!(matches!(fault("https://p.example/rest/s3cr3t/"), E::Short));
    assert!(matches!(
        fault("https://p.example/rest/1/s3cr3t/a/b"),
        E::Long
    ));
    assert!(matches!(
        fault("https://p.example/rest/1/s3cr3t%3F/"),
        E::Code
    ));
    assert!(matches!(
        fault("https://p.example/rest/1/s3cr3t/a-b"),
        E::Method
    ));
}

#[test]
fn the_file_is_read_by_its_first_written_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("webhook");
    std::fs::write(
        &path,
        "\u{feff}\n \r\nhttps://p.example/rest/1/s3cr3t/\r\nnote\n",
    )
    .unwrap();
    assert_eq!(Webhook::from_file(&path).unwrap().host(), "p.example");
}

#[test]
fn a_bad_file_is_named_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("webhook");
    let fault = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        let error = Webhook::from_file(&path).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("webhook") && !text.contains("s3cr3t"),
            "{text}"
        );
        error
    };
    assert!(matches!(fault(b" \n\n"), WebhookError::EmptyFile { .. }));
    assert!(matches!(
        fault(&[b'x'; 70_000]),
        WebhookError::LargeFile { .. }
    ));
    assert!(matches!(fault(b"\xff\xfe"), WebhookError::NotText { .. }));
    assert!(matches!(
        fault(b"rest/1/s3cr3t"),
        WebhookError::InFile { .. }
    ));
    std::fs::remove_file(&path).unwrap();
    let gone = Webhook::from_file(&path).unwrap_err();
    assert!(matches!(gone, WebhookError::Unreadable { .. }));
}

#[test]
fn nothing_prints_the_code() {
    let webhook = Webhook::parse("https://p.example/rest/1/s3cr3t/").unwrap();
    let shown = format!("{webhook:?} {:?}", webhook.endpoint("profile"));
    assert_eq!(shown, "Webhook(redacted) (redacted)");
}

proptest! {
    #[test]
    fn no_error_repeats_the_input(before in "\\PC{0,12}", after in "\\PC{0,12}") {
        if let Err(error) = Webhook::parse(&format!("{before}s3cr3t{after}")) {
            let text = format!("{error} {error:?}");
            prop_assert!(!text.contains("s3cr3t"), "{text}");
        }
    }
}
