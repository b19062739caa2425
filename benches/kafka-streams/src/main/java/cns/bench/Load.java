package cns.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes the input and output topics and fills the input.
 *
 * <p>{@code --brokers HOST:PORT [--input peer-input] [--output peer-output] [--records 2000000] [--keys 100000]
 * [--value 1024] [--partitions 8] [--fill yes|no|only]}: with {@code no} the input is there, and the output alone is
 * made; with {@code only} both topics are there, and the input is filled.
 */
public final class Load {
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        Arguments arguments = new Arguments(args);
        String brokers = arguments.text("brokers");
        String input = arguments.text("input", "peer-input");
        String output = arguments.text("output", "peer-output");
        long records = arguments.number("records", 2_000_000);
        long keys = arguments.number("keys", 100_000);
        int bytes = (int) arguments.number("value", 1024);
        int partitions = (int) arguments.number("partitions", 8);
        if (bytes < Workload.OUTPUT_BYTES - Workload.ROW_BYTES) {
            throw new IllegalArgumentException("--value is less than what an output copies of it");
        }

        if (arguments.text("fill", "yes").equals("no")) {
            create(brokers, partitions, output);
            return;
        }
        if (!arguments.text("fill", "yes").equals("only")) {
            create(brokers, partitions, input, output);
        }
        long begun = System.nanoTime();
        fill(brokers, input, records, keys, bytes);
        System.out.printf("{\"loaded\":%d,\"keys\":%d,\"value_bytes\":%d,\"seconds\":%.1f}%n",
                records, keys, bytes, (System.nanoTime() - begun) / 1e9);
    }

    private static void create(String brokers, int partitions, String... names)
            throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers))) {
            List<NewTopic> topics = List.of(names).stream()
                    .map(name -> new NewTopic(name, partitions, (short) -1))
                    .toList();
            admin.createTopics(topics).all().get();
        }
    }

    private static void fill(String brokers, String topic, long records, long keys, int bytes) {
        AtomicReference<Exception> failed = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(brokers)) {
            for (long n = 0; n < records && failed.get() == null; n++) {
                producer.send(new ProducerRecord<>(topic, Workload.key(n, keys), Workload.value(n, bytes)), (done, error) -> {
                    if (error != null) {
                        failed.set(error);
                    }
                });
            }
        }
        if (failed.get() != null) {
            throw new IllegalStateException("not every record was acknowledged", failed.get());
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String brokers) {
        return new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "none",
                ProducerConfig.LINGER_MS_CONFIG, 20,
                ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10));
    }
}
