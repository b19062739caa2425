package cns.example;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes each .txt and .md file of a folder as one document to Kafka: Avro, framed by the schema registry.
 *
 * <p>Exit codes: 0 every document was acknowledged, 1 at least one was not, 2 wrong arguments or nothing to send,
 * 3 the registry has no schema for the topic or gives no answer.
 */
public final class Produce {
    private static final String USAGE =
            "usage: produce --brokers HOST:PORT,… --registry ADDRESS --tenant NAME --corpus NAME [--topic NAME] FOLDER";

    private record Arguments(String brokers, String registry, String tenant, String corpus, String topic, Path folder) {
        static Arguments parse(String[] args) {
            Map<String, String> given = new HashMap<>(Map.of("--topic", "cns.documents"));
            List<String> known = List.of("--brokers", "--registry", "--tenant", "--corpus", "--topic");
            for (int i = 0; i < args.length; i++) {
                if (known.contains(args[i]) && i + 1 < args.length) {
                    given.put(args[i], args[++i]);
                } else if (!args[i].startsWith("--") && given.put("folder", args[i]) == null) {
                    continue;
                } else {
                    throw new IllegalArgumentException("not understood: " + args[i]);
                }
            }
            return new Arguments(take(given, "--brokers"), take(given, "--registry"), take(given, "--tenant"),
                    take(given, "--corpus"), take(given, "--topic"), Path.of(take(given, "folder")));
        }

        private static String take(Map<String, String> given, String name) {
            String value = given.get(name);
            if (value == null) {
                throw new IllegalArgumentException(name + " is missing");
            }
            return value;
        }
    }

    public static void main(String[] args) throws InterruptedException {
        System.exit(run(args));
    }

    private static int run(String[] args) throws InterruptedException {
        Arguments arguments;
        List<Path> files;
        try {
            arguments = Arguments.parse(args);
            files = documents(arguments.folder());
        } catch (IllegalArgumentException error) {
            System.err.println(error.getMessage() + "\n" + USAGE);
            return 2;
        } catch (IOException error) {
            System.err.println("folder: " + error);
            return 2;
        }
        if (files.isEmpty()) {
            System.err.println(arguments.folder() + " holds no .txt and no .md file");
            return 2;
        }
        String subject = arguments.topic() + "-value";
        Registry registry;
        try {
            registry = Registry.latest(arguments.registry(), subject);
        } catch (IOException | IllegalArgumentException error) {
            System.err.println("schema " + subject + " at " + arguments.registry() + ": " + error);
            return 3;
        }
        return produce(arguments, registry, files) == files.size() ? 0 : 1;
    }

    private static List<Path> documents(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".txt") || file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static int produce(Arguments arguments, Registry registry, List<Path> files) {
        AtomicInteger acknowledged = new AtomicInteger();
        try (KafkaProducer<String, byte[]> producer = producer(arguments.brokers())) {
            // Asks once for the topic, so that a wrong address or name shows before anything is sent.
            producer.partitionsFor(arguments.topic());
            for (Path file : files) {
                String name = file.getFileName().toString();
                try {
                    producer.send(record(arguments, registry, file), (metadata, error) -> {
                        if (error == null) {
                            acknowledged.incrementAndGet();
                            System.out.printf("%s: partition %d offset %d%n", name, metadata.partition(), metadata.offset());
                        } else {
                            System.err.println(name + ": " + error);
                        }
                    });
                } catch (IOException | KafkaException error) {
                    System.err.println(name + ": " + error);
                }
            }
        } catch (KafkaException error) {
            System.err.println("topic " + arguments.topic() + " at " + arguments.brokers() + ": " + error.getMessage());
        }
        return acknowledged.get();
    }

    private static ProducerRecord<String, byte[]> record(Arguments arguments, Registry registry, Path file) throws IOException {
        String name = file.getFileName().toString();
        // The other fields of the schema have defaults.
        GenericRecord document = new GenericRecordBuilder(registry.schema())
                .set("document_id", name)
                .set("corpus", arguments.corpus())
                .set("source", name)
                .set("text", new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                .build();
        String key = arguments.tenant() + "/" + arguments.corpus() + "/" + name;
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(arguments.topic(), key, registry.frame(document));
        record.headers().add("tenant", arguments.tenant().getBytes(StandardCharsets.UTF_8));
        return record;
    }

    private static KafkaProducer<String, byte[]> producer(String brokers) {
        // No partitioner is set: this client's own, murmur2 of the key's bytes, is the one that is asked for.
        return new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                // The default of 1 MiB is less than the longest document, which has 1 MiB of text.
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 8 << 20,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000));
    }
}
