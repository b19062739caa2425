//! Making clients, and what their errors mean.

use rdkafka::{
    ClientConfig, ClientContext,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    consumer::{BaseConsumer, ConsumerContext},
    error::KafkaError,
};

use crate::Error;

/// A client without callbacks of its own.
#[derive(Default)]
pub struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        report(&error, reason);
    }
}

impl ConsumerContext for Quiet {}

pub fn connect(config: &ClientConfig) -> Result<BaseConsumer<Quiet>, Error> {
    connect_with(config, Quiet)
}

pub fn connect_with<C: ConsumerContext>(
    config: &ClientConfig,
    context: C,
) -> Result<BaseConsumer<C>, Error> {
    BaseConsumer::from_config_and_context(config, context)
        .map_err(|error| failed("making a Kafka client", &error))
}

pub fn failed(what: &str, error: &KafkaError) -> Error {
    let (what, detail) = (what.to_owned(), told(error));
    if away(error) { Error::Away { what, detail } } else { Error::Io { what, detail } }
}

/// What an error says, without the value of a setting, which may be a secret.
fn told(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, why, key, _) => format!("setting `{key}`: {why}"),
        other => other.to_string(),
    }
}

/// Whether the cluster cannot be reached, or is busy with itself.
pub fn away(error: &KafkaError) -> bool {
    use rdkafka::error::RDKafkaErrorCode as Code;
    if let KafkaError::Transaction(error) = error
        && error.is_retriable()
    {
        return true;
    }
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::AllBrokersDown
                | Code::BrokerNotAvailable
                | Code::BrokerTransportFailure
                | Code::CoordinatorLoadInProgress
                | Code::CoordinatorNotAvailable
                | Code::LeaderNotAvailable
                | Code::MessageTimedOut
                | Code::NetworkException
                | Code::NotCoordinator
                | Code::NotEnoughReplicas
                | Code::NotEnoughReplicasAfterAppend
                | Code::NotLeaderForPartition
                | Code::OperationTimedOut
                | Code::ReplicaNotAvailable
                | Code::RequestTimedOut
                | Code::Resolve
                | Code::TimedOutQueue
                | Code::WaitingForCoordinator
        )
    )
}

/// librdkafka repeats itself many times a second while a broker is away.
pub fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
            tracing::error!(facility, "{message}");
        }
        _ => tracing::debug!(facility, "{message}"),
    }
}

pub fn report(error: &KafkaError, reason: &str) {
    tracing::debug!(%error, reason, "A Kafka client reports an error.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_refused_is_named_without_its_value() {
        let mut config = ClientConfig::new();
        config.set("sasl.pasword", "hunter2");
        let Err(error) = connect(&config) else { panic!("there is no such setting") };
        let said = error.to_string();
        assert!(said.contains("sasl.pasword") && !said.contains("hunter2"), "{said}");
    }
}
