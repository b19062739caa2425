package cns.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The stateful keyed stage: for each record one row is read and written, and one output is sent.
 *
 * <p>{@code --brokers HOST:PORT --records N [--guarantee exactly_once_v2|at_least_once] [--threads 1]
 * [--input peer-input] [--output peer-output] [--application peer] [--state FOLDER] [--set NAME=VALUE,…]}
 *
 * <p>Prints one line of JSON each second and one for the whole, and stops when N records were processed or none came for ten
 * seconds.
 */
public final class Stage {
    private static final String ROWS = "rows";
    private static final double QUIET_SECONDS = 10;
    private static final long STARTED_MS = System.currentTimeMillis();
    private static final LongAdder PROCESSED = new LongAdder();

    /** What the process had used at a moment. */
    private record Moment(long records, double wallSeconds, double cpuSeconds) {
        static Moment now() {
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Moment(PROCESSED.sum(), System.nanoTime() / 1e9, system.getProcessCpuTime() / 1e9);
        }

        String since(Moment begin, String name) {
            long records = records() - begin.records();
            double wall = wallSeconds() - begin.wallSeconds();
            double cpu = cpuSeconds() - begin.cpuSeconds();
            String line = "{\"%s\":%d,\"total\":%d,\"wall_s\":%.2f,\"cpu_s\":%.2f,"
                    + "\"per_wall_s\":%.0f,\"per_cpu_s\":%.0f,\"peak_mib\":%d}";
            return String.format(line, name, records, records(), wall, cpu, records / wall, records / cpu, peakMib());
        }
    }

    private static final class Keyed implements Processor<byte[], byte[], byte[], byte[]> {
        private ProcessorContext<byte[], byte[]> context;
        private KeyValueStore<byte[], byte[]> rows;

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            this.rows = context.getStateStore(ROWS);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            byte[] row = Workload.row(record.value(), rows.get(record.key()));
            rows.put(record.key(), row);
            context.forward(record.withValue(Workload.output(record.value(), row, STARTED_MS)));
            PROCESSED.increment();
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Arguments arguments = new Arguments(args);
        long records = Long.parseLong(arguments.text("records"));
        KafkaStreams streams = new KafkaStreams(topology(arguments), settings(arguments));
        CountDownLatch failed = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            failed.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        boolean whole = watch(records, failed);
        streams.close(Duration.ofSeconds(60));
        System.exit(whole ? 0 : 1);
    }

    /**
     * Reports until N records are processed, or none came for a while. The middle 80 % of them leave out warming up
     * and running dry.
     */
    private static boolean watch(long records, CountDownLatch failed) throws InterruptedException {
        Moment begin = null;
        Moment tenth = null;
        Moment ninth = null;
        Moment second = Moment.now();
        Moment moved = second;
        while (true) {
            if (failed.await(20, TimeUnit.MILLISECONDS)) {
                return false;
            }
            Moment now = Moment.now();
            moved = now.records() > moved.records() || now.records() == 0 ? now : moved;
            begin = begin == null && now.records() > 0 ? now : begin;
            tenth = tenth == null && now.records() >= records / 10 ? now : tenth;
            if (now.wallSeconds() - second.wallSeconds() >= 1) {
                System.out.println(now.since(second, "second"));
                second = now;
            }
            if (ninth == null && now.records() >= records / 10 * 9) {
                ninth = now;
                System.out.println(ninth.since(tenth, "middle"));
            }
            if (now.records() >= records || now.wallSeconds() - moved.wallSeconds() > QUIET_SECONDS) {
                System.out.println(moved.since(begin, "whole"));
                return true;
            }
        }
    }

    private static Topology topology(Arguments arguments) {
        Topology topology = new Topology();
        topology.addSource("input", arguments.text("input", "peer-input"));
        topology.addProcessor("keyed", Keyed::new, "input");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(ROWS), Serdes.ByteArray(), Serdes.ByteArray())
                        .withCachingDisabled(),
                "keyed");
        topology.addSink("output", arguments.text("output", "peer-output"), "keyed");
        return topology;
    }

    private static Properties settings(Arguments arguments) {
        Properties settings = new Properties();
        String application = arguments.text("application", "peer");
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments.text("brokers"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments.text("state", "target/state"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments.text("guarantee", StreamsConfig.EXACTLY_ONCE_V2));
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments.text("threads", "1"));
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        // The default of 16 KiB makes many small requests. Larger fetches took a half more memory for 5 % less CPU.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        // A member that comes back under its name gets its partitions at once.
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), application + "-1");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 1500);
        // Any setting of Kafka Streams, to try others: NAME=VALUE,…
        for (String setting : arguments.text("set", "").split(",")) {
            if (!setting.isEmpty()) {
                settings.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
            }
        }
        return settings;
    }

    /** The most memory that the process ever held, as Linux counts it. */
    private static long peakMib() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException error) {
            return 0;
        }
    }
}
