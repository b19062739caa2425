package cns.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** {@code --brokers HOST:PORT --prefix NAME}: deletes the topics whose names begin so. */
public final class Drop {
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        Arguments arguments = new Arguments(args);
        String prefix = arguments.text("prefix");
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, arguments.text("brokers")))) {
            List<String> topics = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(prefix))
                    .toList();
            admin.deleteTopics(topics).all().get();
        }
    }
}
