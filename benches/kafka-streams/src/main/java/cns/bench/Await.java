package cns.bench;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads committed outputs.
 *
 * <p>{@code --brokers HOST:PORT [--output peer-output] [--keys 100000]}: prints {@code ready}, follows the output from
 * its end, and ends with the instant at which it saw the first output of a process that was started after that.
 *
 * <p>{@code … --records N}: reads the whole output and says whether it has each of N records once and with the right row.
 */
public final class Await {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration QUIET = Duration.ofSeconds(10);

    public static void main(String[] args) {
        Arguments arguments = new Arguments(args);
        long keys = arguments.number("keys", 100_000);
        long records = arguments.number("records", -1);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(arguments.text("brokers"))) {
            List<TopicPartition> partitions = consumer.partitionsFor(arguments.text("output", "peer-output")).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            System.exit(records < 0 ? follow(consumer, partitions, keys) : verify(consumer, partitions, keys, records));
        }
    }

    private static int follow(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, long keys) {
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        long readyMs = System.currentTimeMillis();
        System.out.println("ready");
        while (true) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (Workload.startedMs(record.value()) > readyMs) {
                    boolean correct = Workload.correct(record.value(), keys);
                    System.out.printf("{\"seen_at_ms\":%d,\"record\":%d,\"correct\":%b}%n",
                            System.currentTimeMillis(), Workload.number(record.value()), correct);
                    return correct ? 0 : 1;
                }
            }
        }
    }

    private static int verify(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, long keys, long records) {
        consumer.seekToBeginning(partitions);
        BitSet seen = new BitSet();
        long read = 0;
        long twice = 0;
        long wrong = 0;
        long quietSince = System.nanoTime();
        while (System.nanoTime() - quietSince < QUIET.toNanos() && !atEnd(consumer, partitions)) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                int number = Math.toIntExact(Workload.number(record.value()));
                read++;
                twice += seen.get(number) ? 1 : 0;
                wrong += Workload.correct(record.value(), keys) ? 0 : 1;
                seen.set(number);
                quietSince = System.nanoTime();
            }
        }
        long missing = records - seen.cardinality();
        System.out.printf("{\"outputs\":%d,\"missing\":%d,\"twice\":%d,\"wrong\":%d}%n", read, missing, twice, wrong);
        return missing == 0 && twice == 0 && wrong == 0 ? 0 : 1;
    }

    private static boolean atEnd(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return partitions.stream().allMatch(partition -> consumer.position(partition) >= ends.get(partition));
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String brokers) {
        return new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers,
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"));
    }
}
