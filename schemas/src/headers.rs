//! The headers of a record.

/// Who, why and when of an event. On the wire each is a header of its own, UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers {
    /// The event's id; absent on records of foreign producers.
    pub event_id: Option<String>,
    /// Who owns it.
    pub tenant: String,
    /// The unit of work that a submitter follows; absent when a foreign producer gave none.
    pub job: Option<String>,
    /// The event that caused it; absent for one from outside.
    pub cause: Option<String>,
    /// When the first cause entered the system, milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// W3C trace context, passed on unchanged.
    pub traceparent: Option<String>,
}

/// A header that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The required header is not there.
    #[error("header `tenant` is missing")]
    TenantMissing,
    /// A header holds something else than it should.
    #[error("header `{0}` is not {1}")]
    Invalid(&'static str, &'static str),
}

/// Says of a record why its value cannot be read, where only the log can tell. A log sets it on records that it
/// delivers, and never lets one through that came from outside.
pub const UNREADABLE_HEADER: &str = "cns-unreadable";

const EVENT_ID: &str = "event_id";
const TENANT: &str = "tenant";
const JOB: &str = "job_id";
const CAUSE: &str = "cause";
const AT: &str = "at_ms";
const TRACE: &str = "traceparent";

/// Characters of a tenant's name.
const TENANT_CHARS_MAX: usize = 200;

impl Headers {
    /// As name and value, in a fixed order, absent ones left out.
    pub fn to_pairs(&self) -> Vec<(String, Vec<u8>)> {
        let at = self.at_ms.map(|at| at.to_string());
        let tenant = Some(self.tenant.clone());
        [
            (EVENT_ID, &self.event_id),
            (TENANT, &tenant),
            (JOB, &self.job),
            (CAUSE, &self.cause),
            (AT, &at),
            (TRACE, &self.traceparent),
        ]
        .into_iter()
        .filter_map(|(name, value)| {
            value.as_ref().map(|value| (name.to_owned(), value.clone().into_bytes()))
        })
        .collect()
    }

    /// Reads them; unknown ones are ignored.
    ///
    /// # Errors
    /// `tenant` missing or empty, a value that is not UTF-8, `at_ms` that is not a number.
    pub fn from_pairs(pairs: &[(String, Vec<u8>)]) -> Result<Headers, HeaderError> {
        let text = |name: &'static str| -> Result<Option<String>, HeaderError> {
            let Some((_, bytes)) = pairs.iter().find(|(n, _)| n == name) else { return Ok(None) };
            let text =
                std::str::from_utf8(bytes).map_err(|_| HeaderError::Invalid(name, "UTF-8"))?;
            Ok(Some(text.to_owned()))
        };
        let at_ms = text(AT)?
            .map(|at| at.parse().map_err(|_| HeaderError::Invalid(AT, "a number of milliseconds")))
            .transpose()?;
        let tenant = text(TENANT)?.filter(|t| !t.is_empty()).ok_or(HeaderError::TenantMissing)?;
        // Keys are tenant/corpus/…: a slash would let one tenant write into another's.
        let separates = |c: char| c == '/' || c.is_control();
        if tenant.contains(separates) || tenant.chars().count() > TENANT_CHARS_MAX {
            return Err(HeaderError::Invalid(
                TENANT,
                "a name without slashes, up to 200 characters",
            ));
        }
        Ok(Headers {
            event_id: text(EVENT_ID)?,
            tenant,
            job: text(JOB)?,
            cause: text(CAUSE)?,
            at_ms,
            traceparent: text(TRACE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_round_trip() {
        let headers = Headers {
            event_id: Some("ev_1".into()),
            tenant: "acme".into(),
            at_ms: Some(-3),
            ..Headers::default()
        };
        assert_eq!(Headers::from_pairs(&headers.to_pairs()), Ok(headers));
    }

    #[test]
    fn a_tenant_cannot_reach_into_another_ones_keys() {
        for tenant in ["a/b", "a\0b", "a\nb", &"a".repeat(201)] {
            let pairs = [("tenant".to_owned(), tenant.as_bytes().to_vec())];
            let refused = Headers::from_pairs(&pairs);
            assert!(matches!(refused, Err(HeaderError::Invalid("tenant", _))), "{tenant:?}");
        }
    }

    #[test]
    fn missing_tenant_and_bad_time_are_named() {
        assert_eq!(Headers::from_pairs(&[]), Err(HeaderError::TenantMissing));
        let pairs = [("tenant".into(), b"a".to_vec()), ("at_ms".into(), b"soon".to_vec())];
        assert_eq!(
            Headers::from_pairs(&pairs),
            Err(HeaderError::Invalid("at_ms", "a number of milliseconds"))
        );
    }
}
