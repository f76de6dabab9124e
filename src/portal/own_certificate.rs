//! The certificate that a self-hosted portal has made for itself.
//!
//! `openssl req -x509` makes one that is an authority and the server's at once. WebPKI takes no
//! authority for a server, whoever has signed it. But a certificate that the user has named, byte
//! for byte, needs nobody's signature: that the server has its key is proven in each handshake.
//! What is left to check is what the certificate says of itself: its names, its time and its
//! purpose.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::db::rfc5280::ID_KP_SERVER_AUTH;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName};
use x509_cert::time::Time;

/// Takes the certificates that were named when a server shows exactly one of them, and leaves all
/// others to another verifier.
#[derive(Debug)]
pub(super) struct OwnCertificates {
    named: Vec<CertificateDer<'static>>,
    others: Arc<dyn ServerCertVerifier>,
}

impl OwnCertificates {
    pub(super) fn new(
        named: Vec<CertificateDer<'static>>,
        others: Arc<dyn ServerCertVerifier>,
    ) -> OwnCertificates {
        OwnCertificates { named, others }
    }

    /// What the certificate shown says of itself, if it is a named one and can be read.
    fn named(&self, shown: &CertificateDer<'_>) -> Option<x509_cert::Certificate> {
        let named = self.named.iter().find(|named| *named == shown)?;
        x509_cert::Certificate::from_der(named).ok()
    }
}

impl ServerCertVerifier for OwnCertificates {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(certificate) = self.named(shown) else {
            let others = &self.others;
            return others.verify_server_cert(
                shown,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
        };
        let content = certificate.tbs_certificate();
        check_time(content, now)?;
        check_purpose(content)?;
        check_name(content, shown, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.others
            .verify_tls12_signature(message, shown, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.others
            .verify_tls13_signature(message, shown, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.others.supported_verify_schemes()
    }
}

fn check_time(content: &TbsCertificate, now: UnixTime) -> Result<(), CertificateError> {
    let unix = |time: &Time| UnixTime::since_unix_epoch(time.to_unix_duration());
    let (not_before, not_after) = (
        unix(&content.validity().not_before),
        unix(&content.validity().not_after),
    );
    if now < not_before {
        return Err(CertificateError::NotValidYetContext {
            time: now,
            not_before,
        });
    }
    // It holds for the whole of its last second.
    if now.as_secs() > not_after.as_secs() {
        return Err(CertificateError::ExpiredContext {
            time: now,
            not_after,
        });
    }
    Ok(())
}

/// A certificate that tells its purposes must tell this one.
fn check_purpose(content: &TbsCertificate) -> Result<(), CertificateError> {
    match content.get_extension::<ExtendedKeyUsage>() {
        Ok(None) => Ok(()),
        Ok(Some((_, usage))) if usage.0.contains(&ID_KP_SERVER_AUTH) => Ok(()),
        Ok(Some(_)) => Err(CertificateError::InvalidPurpose),
        Err(_) => Err(CertificateError::BadEncoding),
    }
}

/// Its names are its alternative names. Without any it is named as before there were such, by its
/// subject's common name.
fn check_name(
    content: &TbsCertificate,
    shown: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
) -> Result<(), Error> {
    let refused = match verify_server_name(&ParsedCertificate::try_from(shown)?, server_name) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let has_names = !matches!(content.get_extension::<SubjectAltName>(), Ok(None));
    let ServerName::DnsName(host) = server_name else {
        return Err(refused);
    };
    match content.subject().common_name() {
        Ok(Some(name)) if !has_names && name.value().eq_ignore_ascii_case(host.as_ref()) => Ok(()),
        _ => Err(refused),
    }
}
