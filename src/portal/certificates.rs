//! Whose certificates a connection takes: those of the system's authorities, and what the user
//! names with `--ca-file`, as authorities and as the portal's own. There is no way to switch the
//! verification off.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, Der};
use rustls::{ClientConfig, RootCertStore};

use super::own_certificate::OwnCertificates;

/// Why the transport could not be set up; nothing has been sent.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    #[error("can't read the certificates in {}: {reason}. Check the path given with --ca-file", path.display())]
    CaUnreadable { path: PathBuf, reason: String },
    #[error("{} is not a usable PEM file: {reason}. It should hold certificates between BEGIN CERTIFICATE and END CERTIFICATE lines", path.display())]
    CaInvalid { path: PathBuf, reason: String },
    #[error("none of the certificates in {} has a key that can be checked here: that takes RSA, ECDSA with P-256 or P-384, or Ed25519, and not P-521. Nothing was sent; have a certificate made with such a key", path.display())]
    CaKeys { path: PathBuf },
    #[error(
        "can't set up secure connections: {0}. Install the system's certificates (package ca-certificates), or name a PEM file with --ca-file"
    )]
    Tls(String),
}

/// What a `--ca-file` holds.
struct Named {
    certificates: Vec<CertificateDer<'static>>,
    authorities: RootCertStore,
}

/// TLS for connections to one server. On loopback the system's authorities are not asked for, and
/// only those in the file count.
///
/// # Errors
/// When the certificates can't be read, or none are to be had.
pub(super) fn client_config(
    loopback: bool,
    ca_file: Option<&Path>,
) -> Result<ClientConfig, HttpSetupError> {
    let provider = Arc::new(ring::default_provider());
    let read = |path| read_certificates(path, &provider);
    let named = ca_file.map(read).transpose()?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(unavailable)?;
    let builder = match (loopback, named) {
        (true, None) => builder.with_root_certificates(RootCertStore::empty()),
        (_, named) => builder
            .dangerous()
            .with_custom_certificate_verifier(verifier(loopback, named, provider)?),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn verifier(
    loopback: bool,
    named: Option<Named>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, HttpSetupError> {
    let (certificates, authorities) = match named {
        Some(named) => (named.certificates, named.authorities),
        None => (Vec::new(), RootCertStore::empty()),
    };
    let by_authority: Arc<dyn ServerCertVerifier> = if loopback {
        WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider)
            .build()
            .map_err(|error| HttpSetupError::Tls(error.to_string()))?
    } else {
        system_verifier(&certificates, provider).map_err(unavailable)?
    };
    Ok(Arc::new(OwnCertificates::new(certificates, by_authority)))
}

/// The system's own way to verify, with more authorities.
fn system_verifier(
    more: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    use rustls_platform_verifier::Verifier;
    Ok(Arc::new(match more {
        [] => Verifier::new(provider)?,
        more => Verifier::new_with_extra_roots(more.iter().cloned(), provider)?,
    }))
}

fn unavailable(error: rustls::Error) -> HttpSetupError {
    HttpSetupError::Tls(error.to_string())
}

fn read_certificates(path: &Path, provider: &CryptoProvider) -> Result<Named, HttpSetupError> {
    let pem = std::fs::read(path).map_err(|error| HttpSetupError::CaUnreadable {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })?;
    let named = parse_certificates(&pem).map_err(|reason| HttpSetupError::CaInvalid {
        path: path.to_path_buf(),
        reason,
    })?;
    let mut keys = named.authorities.roots.iter();
    match keys.any(|key| is_checkable(&key.subject_public_key_info, provider)) {
        true => Ok(named),
        false => Err(HttpSetupError::CaKeys {
            path: path.to_path_buf(),
        }),
    }
}

/// Whether a signature by this key can be checked. The key begins with the kind that it is of, as a
/// DER sequence whose header takes two bytes.
fn is_checkable(key: &Der<'_>, provider: &CryptoProvider) -> bool {
    let kind = key.get(2..).unwrap_or_default();
    let mut known = provider.signature_verification_algorithms.all.iter();
    known.any(|known| kind.starts_with(&known.public_key_alg_id()))
}

fn parse_certificates(pem: &[u8]) -> Result<Named, String> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, PemError>>()
        .map_err(|error| error.to_string())?;
    let mut authorities = RootCertStore::empty();
    for certificate in &certificates {
        let added = authorities.add(certificate.clone());
        added.map_err(|error| error.to_string())?;
    }
    match certificates.is_empty() {
        true => Err("it holds no certificate".to_owned()),
        false => Ok(Named {
            certificates,
            authorities,
        }),
    }
}
