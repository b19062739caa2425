package cns.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The newest schema of a subject, and records framed with its id: what any Confluent-compatible serializer does. */
final class Registry {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final int id;
    private final Schema schema;

    private Registry(int id, Schema schema) {
        this.id = id;
        this.schema = schema;
    }

    static Registry latest(String address, String subject) throws IOException, InterruptedException {
        // The address may have a path, so the request's path is put behind it.
        URI uri = URI.create(address.replaceAll("/+$", "") + "/subjects/" + subject + "/versions/latest");
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Accept", "application/vnd.schemaregistry.v1+json, application/json")
                .timeout(PATIENCE)
                .build();
        HttpResponse<String> response = HttpClient.newBuilder().connectTimeout(PATIENCE).build()
                .send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode() + ": " + response.body());
        }
        JsonNode version = new ObjectMapper().readTree(response.body());
        return new Registry(version.required("id").asInt(), new Schema.Parser().parse(version.required("schema").asText()));
    }

    Schema schema() {
        return schema;
    }

    /** A zero byte, the schema's id as four bytes big-endian, the Avro datum. */
    byte[] frame(GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0);
        bytes.write(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }
}
