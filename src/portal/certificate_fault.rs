//! What is wrong with the certificate that a server has shown, and what to do about it.

use rustls::CertificateError;

/// Why a server's certificate was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not come yet.
    NotYetValid,
    /// It is for other names than the one that was called.
    WrongName,
    /// The user has not named it, and no known authority has signed it.
    UnknownIssuer,
    /// It is an authority's certificate, and the user has not named it as the portal's own.
    Authority,
    /// It is signed with a kind of key that can't be checked here.
    UnknownKey,
    /// Something else.
    Other,
}

impl CertificateFault {
    /// The fault that TLS ended with; none if it was not the certificate's.
    pub(super) fn of(error: &rustls::Error) -> Option<CertificateFault> {
        let rustls::Error::InvalidCertificate(error) = error else {
            return None;
        };
        Some(match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                CertificateFault::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                CertificateFault::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                CertificateFault::WrongName
            }
            // An authority that was made anew under its old name has another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                CertificateFault::UnknownIssuer
            }
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                CertificateFault::UnknownKey
            }
            // webpki's own error has no place in the list of rustls.
            CertificateError::Other(other)
                if format!("{other:?}").contains("CaUsedAsEndEntity") =>
            {
                CertificateFault::Authority
            }
            _ => CertificateFault::Other,
        })
    }

    pub(super) fn what(self) -> &'static str {
        match self {
            CertificateFault::Expired => "the portal's certificate has expired",
            CertificateFault::NotYetValid => "the portal's certificate is not valid yet",
            CertificateFault::WrongName => "the portal's certificate is for another name",
            CertificateFault::UnknownIssuer => {
                "the portal's certificate is signed by nobody known here"
            }
            CertificateFault::Authority => {
                "the portal shows an authority's certificate as its own, and not one that was named"
            }
            CertificateFault::UnknownKey => {
                "the portal's certificate is signed in a way that can't be checked here"
            }
            CertificateFault::Other => "the portal's certificate can't be trusted",
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            CertificateFault::Expired => {
                "Nothing was sent; check this machine's clock, or have the certificate renewed on the \
                 portal"
            }
            CertificateFault::NotYetValid => {
                "Nothing was sent; check the clocks of this machine and of the portal's"
            }
            CertificateFault::WrongName => {
                "Nothing was sent; use the address that the certificate is for, or have one made for \
                 this address (openssl req -x509 takes -addext subjectAltName=DNS:HOST or =IP:ADDRESS)"
            }
            CertificateFault::UnknownIssuer | CertificateFault::Authority => {
                "Nothing was sent; ask whoever runs the portal for its certificate, or its \
                 authority's, as a PEM file and name that with --ca-file. A portal on the internet \
                 needs this system's certificates instead (package ca-certificates)"
            }
            CertificateFault::UnknownKey => {
                "Nothing was sent; have the certificate signed with RSA, ECDSA with P-256 or P-384, or \
                 Ed25519 (P-521 can't be checked)"
            }
            CertificateFault::Other => {
                "Nothing was sent; check this machine's clock and the portal's certificate, or name \
                 the one that is right with --ca-file"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_certificates_fault_is_one() {
        let of = |error| CertificateFault::of(&rustls::Error::InvalidCertificate(error));
        let expired = of(CertificateError::Expired);
        assert_eq!(expired, Some(CertificateFault::Expired));
        let revoked = of(CertificateError::Revoked);
        assert_eq!(revoked, Some(CertificateFault::Other));
        let other = rustls::Error::DecryptError;
        assert_eq!(CertificateFault::of(&other), None);
    }
}
