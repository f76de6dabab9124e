//! A certificate is taken where it is named or trusted, in its time and for its names alone: the
//! built-in portal behind a TLS server of our own on loopback.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, date_time_ymd,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::common::{FAST, Run, Sandbox, Workspace, finish};

/// A key for these tests alone: *ring* makes none of RSA.
const RSA_KEY: &str = include_str!("certificates/rsa-key.pem");

/// What `openssl req -x509` makes for localhost with a key on P-521.
const P521_CERTIFICATE: &str = include_str!("certificates/p521.pem");

/// A certificate with its key, and what else a server shows with it.
struct Identity {
    pem: String,
    der: CertificateDer<'static>,
    key: KeyPair,
}

/// A certificate for these names as `openssl req -x509` makes one: an authority, signed by itself.
fn own(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
    own_with(KeyPair::generate().unwrap(), names, change)
}

fn own_with(key: KeyPair, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = params(names);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    Identity {
        pem: certificate.pem(),
        der: certificate.der().clone(),
        key,
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).unwrap()
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = params(&[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = params(names);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            key,
        }
    }
}

/// The built-in portal behind TLS.
struct Portal {
    workspace: Workspace,
    sandbox: Sandbox,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Portal {
    /// A portal that shows this certificate. It also speaks as a proxy to whoever asks for one, and
    /// is then the portal of any name.
    fn showing(identity: &Identity) -> Portal {
        let workspace = Workspace::new();
        workspace.rows(3);
        let sandbox = Sandbox::start(&workspace, &[]);
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = acceptor(identity);
        let behind = host_and_port(&sandbox.webhook);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone(), behind.clone()));
            }
        });
        Portal {
            workspace,
            sandbox,
            address,
            _runtime: runtime,
        }
    }

    fn webhook(&self, host: &str) -> String {
        let path = self.sandbox.webhook.split_once("/rest/").unwrap().1;
        format!("https://{host}/rest/{path}")
    }

    /// An import to the portal under this name, with these certificates in the file.
    fn import(&self, host: &str, named: &[&str]) -> Run {
        let webhook = self.webhook(&format!("{host}:{}", self.address.port()));
        let file = self.ca_file(named);
        self.workspace
            .import_by(&webhook, &["--ca-file", file.to_str().unwrap()])
    }

    fn ca_file(&self, named: &[&str]) -> PathBuf {
        self.workspace.write("named.pem", named.concat())
    }

    #[track_caller]
    fn assert_takes(&self, host: &str, named: &[&str]) {
        self.import(host, named).expect(0);
        assert_eq!(self.sandbox.posts_once().len(), 3);
    }

    /// Nothing of a request arrives, and the message says this.
    #[track_caller]
    fn assert_refused(&self, host: &str, named: &[&str], said: &str) {
        let run = self.import(host, named).expect(1);
        let message = run.json()["error"]["message"].to_string();
        assert!(message.contains(said), "{message}");
        assert!(message.contains("Nothing was sent"), "{message}");
        assert_eq!(self.sandbox.requests(), []);
    }
}

fn host_and_port(webhook: &str) -> String {
    let rest = webhook.strip_prefix("http://").unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.der.clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(mut stream: TcpStream, acceptor: TlsAcceptor, behind: String) {
    let mut first = [0];
    stream.peek(&mut first).await.unwrap();
    if first == *b"C" {
        answer_connect(&mut stream).await;
    }
    if let Ok(mut secure) = acceptor.accept(stream).await {
        let mut portal = TcpStream::connect(behind).await.unwrap();
        drop(copy_bidirectional(&mut secure, &mut portal).await);
    }
}

async fn answer_connect(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let answer = b"HTTP/1.1 200 Connection established\r\n\r\n";
    stream.write_all(answer).await.unwrap();
}

#[test]
fn a_portals_own_certificate_is_taken_where_it_is_named() {
    let own = own(&["localhost", "127.0.0.1"], |_| {});
    for host in ["localhost", "127.0.0.1"] {
        Portal::showing(&own).assert_takes(host, &[&own.pem]);
    }
    let other = Authority::new();
    Portal::showing(&own).assert_takes("localhost", &[&other.pem, &own.pem]);
}

#[test]
fn its_key_may_be_of_any_usual_kind() {
    let generate = |kind| KeyPair::generate_for(kind).unwrap();
    for key in [
        generate(&PKCS_ED25519),
        generate(&PKCS_ECDSA_P256_SHA256),
        generate(&PKCS_ECDSA_P384_SHA384),
        KeyPair::from_pem(RSA_KEY).unwrap(),
    ] {
        let own = own_with(key, &["localhost"], |_| {});
        Portal::showing(&own).assert_takes("localhost", &[&own.pem]);
    }
}

/// No signature by a key on P-521 can be checked, so a file of nothing else is refused at once; in a
/// file with others such a certificate does no harm.
#[test]
fn a_key_that_cannot_be_checked_is_told_before_anything_is_sent() {
    let own = own(&["localhost"], |_| {});
    let portal = Portal::showing(&own);
    portal.assert_refused("localhost", &[P521_CERTIFICATE], "not P-521");
    portal.assert_takes("localhost", &[P521_CERTIFICATE, &own.pem]);
}

#[test]
fn another_certificate_of_the_same_names_is_refused() {
    let named = own(&["localhost"], |_| {});
    let other = own(&["localhost"], |_| {});
    Portal::showing(&other).assert_refused("localhost", &[&named.pem], "--ca-file");
}

#[test]
fn a_named_certificate_counts_in_its_time_alone() {
    let expired = own(&["localhost"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    Portal::showing(&expired).assert_refused("localhost", &[&expired.pem], "has expired");
    let early = own(&["localhost"], |params| {
        params.not_before = date_time_ymd(2900, 1, 1);
    });
    Portal::showing(&early).assert_refused("localhost", &[&early.pem], "not valid yet");
}

#[test]
fn a_named_certificate_counts_for_its_names_alone() {
    let other = own(&["portal.example"], |_| {});
    let portal = Portal::showing(&other);
    portal.assert_refused("localhost", &[&other.pem], "another name");
    portal.assert_refused("127.0.0.1", &[&other.pem], "another name");
}

#[test]
fn a_common_name_counts_where_there_is_no_other() {
    let name = |name: &'static str| {
        move |params: &mut CertificateParams| {
            params.distinguished_name.push(DnType::CommonName, name);
        }
    };
    let own_name = own(&[], name("localhost"));
    let portal = Portal::showing(&own_name);
    portal.assert_refused("127.0.0.1", &[&own_name.pem], "another name");
    portal.assert_takes("localhost", &[&own_name.pem]);
    let other = own(&[], name("portal.example"));
    Portal::showing(&other).assert_refused("localhost", &[&other.pem], "subjectAltName");
    let both = own(&["portal.example"], name("localhost"));
    Portal::showing(&both).assert_refused("localhost", &[&both.pem], "another name");
}

#[test]
fn a_certificate_for_another_purpose_is_refused() {
    let client = own(&["localhost"], |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    Portal::showing(&client).assert_refused("localhost", &[&client.pem], "can't be trusted");
    let server = own(&["localhost"], |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    Portal::showing(&server).assert_takes("localhost", &[&server.pem]);
}

#[test]
fn an_authority_in_the_file_vouches_for_the_portal() {
    let authority = Authority::new();
    let leaf = authority.sign(&["localhost"], |_| {});
    Portal::showing(&leaf).assert_takes("localhost", &[&authority.pem]);
    let portal = Portal::showing(&leaf);
    portal.assert_refused("localhost", &[&Authority::new().pem], "nobody known");
    portal.assert_refused("127.0.0.1", &[&authority.pem], "another name");
    let expired = authority.sign(&["localhost"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    Portal::showing(&expired).assert_refused("localhost", &[&authority.pem], "has expired");
}

/// What an authority has signed needs naming too where it is an authority itself.
#[test]
fn an_authoritys_certificate_is_no_servers_unless_it_is_named() {
    let authority = Authority::new();
    let below = authority.sign(&["localhost"], |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let portal = Portal::showing(&below);
    portal.assert_refused("localhost", &[&authority.pem], "authority's certificate");
    portal.assert_takes("localhost", &[&below.pem]);
}

#[test]
fn without_a_file_nobody_on_this_machine_is_trusted() {
    let own = own(&["localhost"], |_| {});
    let portal = Portal::showing(&own);
    let webhook = portal.webhook(&format!("localhost:{}", portal.address.port()));
    let run = portal.workspace.import_by(&webhook, &[]).expect(1);
    assert!(run.stdout.contains("--ca-file"), "{}", run.stdout);
}

/// A portal elsewhere is reached through the proxy that the environment names.
fn import_elsewhere(portal: &Portal, system: &str, named: Option<&str>) -> Run {
    let system = portal.workspace.write("system.pem", system);
    let named = named.map(|named| portal.ca_file(&[named]));
    let import = ["import", "m.csv", "--format", "json", "--yes"];
    let mut command = portal.workspace.command(&[&import[..], &FAST].concat());
    if let Some(named) = &named {
        command.arg("--ca-file").arg(named);
    }
    let command = command
        .env("B24POST_WEBHOOK", portal.webhook("portal.example"))
        .env("HTTPS_PROXY", format!("http://{}", portal.address))
        .env("SSL_CERT_FILE", system)
        .env_remove("SSL_CERT_DIR")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    finish(command.spawn().unwrap())
}

#[test]
fn elsewhere_the_systems_authorities_count_beside_the_file() {
    let (system, authority) = (Authority::new(), Authority::new());
    let leaf = |authority: &Authority| authority.sign(&["portal.example"], |_| {});
    let portal = Portal::showing(&leaf(&system));
    import_elsewhere(&portal, &system.pem, None).expect(0);
    let portal = Portal::showing(&leaf(&system));
    import_elsewhere(&portal, &system.pem, Some(&authority.pem)).expect(0);
    let portal = Portal::showing(&leaf(&authority));
    import_elsewhere(&portal, &system.pem, Some(&authority.pem)).expect(0);
    let portal = Portal::showing(&leaf(&authority));
    let run = import_elsewhere(&portal, &system.pem, None).expect(1);
    assert!(run.stdout.contains("nobody known"), "{}", run.stdout);
}

#[test]
fn elsewhere_a_portals_own_certificate_is_taken_where_it_is_named() {
    let system = Authority::new();
    let own = own(&["portal.example"], |_| {});
    let portal = Portal::showing(&own);
    let run = import_elsewhere(&portal, &system.pem, None).expect(1);
    assert!(run.stdout.contains("--ca-file"), "{}", run.stdout);
    import_elsewhere(&portal, &system.pem, Some(&own.pem)).expect(0);
    assert_eq!(portal.sandbox.posts_once().len(), 3);
}
