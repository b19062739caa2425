//! The schemas as a registry answers, asked as its clients ask.

use axum::http::{StatusCode, header};
use cns_schemas::{Codec, SCHEMAS};
use serde_json::{Value, json};

use crate::world::{World, chunked};

#[tokio::test]
async fn what_a_reader_of_records_asks_is_answered() {
    let world = World::new();
    assert_eq!(world.get("/schemas/types").await.json(), json!(["AVRO"]));
    for entry in SCHEMAS {
        let answer = world.get(&format!("/schemas/ids/{}", entry.id)).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/vnd.schemaregistry.v1+json");
        assert_eq!(answer.json(), json!({"schema": entry.json}));
        let uses = world.get(&format!("/schemas/ids/{}/versions", entry.id)).await.json();
        let (subject, version) = (uses[0]["subject"].as_str().unwrap(), &uses[0]["version"]);
        let shown = world.get(&format!("/subjects/{subject}/versions/{version}")).await.json();
        let whole = json!({"subject": subject, "version": entry.version, "id": entry.id, "schema": entry.json});
        assert_eq!(shown, whole);
        let raw = world.get(&format!("/subjects/{subject}/versions/{version}/schema")).await;
        assert_eq!(raw.text, entry.json);
        // As a serializer looks up its own schema, however it is laid out.
        let compact = serde_json::from_str::<Value>(entry.json).unwrap().to_string();
        let asked = json!({"schema": compact}).to_string();
        let known = world.post(&format!("/subjects/{subject}"), asked).await;
        assert_eq!(known.json()["id"], json!(entry.id), "{}", known.text);
    }
    // The id in the frame of a record is one that is answered.
    let latest = world.get("/subjects/cns.DocumentChunked/versions/latest").await.json();
    let framed = Codec::encode(&chunked("d1", "c", 1));
    assert_eq!(latest["id"], json!(u32::from_be_bytes(framed[1..5].try_into().unwrap())));
    let subjects = world.get("/subjects").await.json();
    assert!(subjects.as_array().unwrap().contains(&json!("cns.documents-value")), "{subjects}");
    let versions = world.get("/subjects/cns.documents-value/versions").await.json();
    assert_eq!(versions[0], 1);
}

#[tokio::test]
async fn what_is_not_there_has_the_codes_of_a_registry() {
    let world = World::new();
    let cases = [
        ("/subjects/nobody/versions", 404, 40401),
        ("/subjects/nobody/versions/1", 404, 40401),
        ("/subjects/cns.documents-value/versions/99", 404, 40402),
        ("/subjects/cns.documents-value/versions/first", 422, 42202),
        ("/schemas/ids/999999", 404, 40403),
        ("/schemas/ids/one", 404, 40403),
    ];
    for (path, status, code) in cases {
        let answer = world.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error_code"]), (status, &json!(code)));
    }
    let subject = "/subjects/cns.documents-value";
    let strange = world.post(subject, r#"{"schema": "\"string\""}"#).await;
    assert_eq!(
        (strange.status, &strange.json()["error_code"]),
        (StatusCode::NOT_FOUND, &json!(40403))
    );
    for body in ["", "{}", r#"{"schema": "{"}"#] {
        let refused = world.post(subject, body).await;
        assert_eq!(refused.json()["error_code"], 42201, "{body}");
    }
}
