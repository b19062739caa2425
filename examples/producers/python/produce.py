#!/usr/bin/env python3
"""Writes each .txt and .md file of a folder as one document to Kafka: Avro, framed by the schema registry.

Exit codes: 0 every document was acknowledged, 1 at least one was not, 2 wrong arguments or nothing to send,
3 the registry has no schema for the topic or gives no answer.
"""

import argparse
import sys
from pathlib import Path

from confluent_kafka import KafkaException, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

SUFFIXES = {".txt", ".md"}

PRODUCER = {
    # Where a key belongs is murmur2 of its bytes, as in Java; the default of this client is CRC32.
    "partitioner": "murmur2_random",
    "acks": "all",
    "enable.idempotence": True,
    # The default of 1 MB is less than the longest document, which has 1 MiB of text.
    "message.max.bytes": 8 << 20,
    "delivery.timeout.ms": 30_000,
    "reconnect.backoff.ms": 1000,
}

SERIALIZER = {
    # The schema is the consumer's contract: take what is published, never add to it.
    "auto.register.schemas": False,
    "use.latest.version": True,
    "subject.name.strategy": topic_subject_name_strategy,
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Produce the .txt and .md files of a folder as documents.")
    parser.add_argument("--brokers", required=True, help="host:port,…")
    parser.add_argument("--registry", required=True, help="address of the schema registry, with its path if it has one")
    parser.add_argument("--tenant", required=True, help="who owns the documents")
    parser.add_argument("--corpus", required=True, help="what they are compared inside")
    parser.add_argument("--topic", default="cns.documents")
    parser.add_argument("folder", type=Path)
    return parser.parse_args()


def documents(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file() and file.suffix in SUFFIXES)


def connect(address: str, topic: str) -> tuple[AvroSerializer, SerializationContext]:
    registry = SchemaRegistryClient({"url": address})
    context = SerializationContext(topic, MessageField.VALUE)
    registry.get_latest_version(topic_subject_name_strategy(context, None))
    return AvroSerializer(registry, conf=SERIALIZER), context


def find(producer: Producer, topic: str) -> None:
    """Asks once for the topic, so that a wrong address or name shows before anything is sent."""
    error = producer.list_topics(topic, timeout=10).topics[topic].error
    if error is not None:
        raise KafkaException(error)


def main() -> int:
    args = arguments()
    try:
        files = documents(args.folder)
    except OSError as error:
        print(f"{args.folder}: {error.strerror}", file=sys.stderr)
        return 2
    if not files:
        print(f"{args.folder} holds no .txt and no .md file", file=sys.stderr)
        return 2
    try:
        serialize, context = connect(args.registry, args.topic)
    except Exception as error:  # the client raises its own errors and those of its HTTP library
        print(f"schema {args.topic}-value at {args.registry}: {error or type(error).__name__}", file=sys.stderr)
        return 3

    producer = Producer(PRODUCER | {"bootstrap.servers": args.brokers})
    try:
        find(producer, args.topic)
    except KafkaException as error:
        print(f"topic {args.topic} at {args.brokers}: {error.args[0].str()}", file=sys.stderr)
        return 1

    acknowledged = 0

    def report(name: str):
        def delivered(error, message):
            nonlocal acknowledged
            if error is None:
                acknowledged += 1
                print(f"{name}: partition {message.partition()} offset {message.offset()}")
            else:
                print(f"{name}: {error.str()}", file=sys.stderr)

        return delivered

    for file in files:
        try:
            # The other fields of the schema have defaults.
            document = {
                "document_id": file.name,
                "corpus": args.corpus,
                "source": file.name,
                "text": file.read_text(encoding="utf-8", errors="replace"),
            }
            producer.produce(
                args.topic,
                key=f"{args.tenant}/{args.corpus}/{file.name}",
                value=serialize(document, context),
                headers={"tenant": args.tenant},
                on_delivery=report(file.name),
            )
        except (OSError, BufferError, KafkaException) as error:
            print(f"{file.name}: {error}", file=sys.stderr)
        producer.poll(0)
    producer.flush()
    return 0 if acknowledged == len(files) else 1


if __name__ == "__main__":
    sys.exit(main())
