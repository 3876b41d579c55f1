//! [`Schema`]: a database of one's own on a PostgreSQL server.

/// An empty schema of a PostgreSQL server, which goes when this goes.
pub struct Schema {
    base: String,
    name: String,
}

impl Schema {
    /// One on the server at `TINTYPE_TEST_POSTGRES`; `None` where there is no server.
    pub fn new() -> Option<Self> {
        let base = std::env::var("TINTYPE_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let mut client = match postgres::Client::connect(&base, postgres::NoTls) {
            Ok(client) => client,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "no PostgreSQL at {base}: {error}");
                eprintln!("SKIPPED: no PostgreSQL at {base}: {error}");
                return None;
            }
        };
        let name = format!("tintype_test_{}", uuid::Uuid::new_v4().simple());
        client.batch_execute(&format!("CREATE SCHEMA {name}")).expect("a schema can be made");
        Some(Self { base, name })
    }

    /// A connection in which it is the one that is looked in.
    pub fn url(&self) -> String {
        let separator = if self.base.contains('?') { '&' } else { '?' };
        format!("{}{separator}options=-csearch_path%3D{}", self.base, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Ok(mut client) = postgres::Client::connect(&self.base, postgres::NoTls) {
            client.batch_execute(&format!("DROP SCHEMA {} CASCADE", self.name)).ok();
        }
    }
}
