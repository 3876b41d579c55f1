-- The twin of the SQLite migration.
-- What people decide, work on single items, and the trash.

-- Where what people decide is written beside the database: 'database' (nowhere else), 'sidecar' or 'file'.
ALTER TABLE roots ADD COLUMN write_mode TEXT NOT NULL DEFAULT 'database';

ALTER TABLE photos ADD COLUMN flag TEXT;
-- The photo that stands for a stack (RAW beside JPEG, still beside film); the photo's own id where it is itself.
ALTER TABLE photos ADD COLUMN stack_lead BIGINT;
CREATE INDEX photos_stack ON photos (stack_lead) WHERE stack_lead IS NOT NULL;
CREATE INDEX photos_rating ON photos (rating, id) WHERE rating IS NOT NULL;

-- XMP side files, beside the files that they describe.
CREATE TABLE sidecars (
    file_id BIGINT PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    name BYTEA NOT NULL,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL
);

-- Append-only. photo, content_hash and pixel_hash name the photo as it was then, so that a database built anew
-- finds it again.
CREATE TABLE decisions (
    id BIGINT PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE,
    made_ms BIGINT NOT NULL,
    photo BYTEA,
    content_hash BYTEA,
    pixel_hash BYTEA,
    operation BYTEA,
    choice TEXT NOT NULL
);
CREATE INDEX decisions_pixels ON decisions (pixel_hash) WHERE pixel_hash IS NOT NULL;

-- The sum of a photo's decisions. pending: not yet written where its files' roots want it written.
CREATE TABLE annotations (
    photo_id BIGINT PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
    pending BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX annotations_pending ON annotations (photo_id) WHERE pending = 1;

CREATE TABLE photo_keywords (
    photo_id BIGINT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    keyword TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (photo_id, keyword)
);
CREATE INDEX photo_keywords_keyword ON photo_keywords (keyword);

-- Batches are of files of the library, or of items of the operation itself.
ALTER TABLE operation_batches ADD COLUMN kind TEXT NOT NULL DEFAULT 'files';

-- One thing to do, told in full, so that doing it again after a crash comes to the same.
CREATE TABLE operation_items (
    operation_id BIGINT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    path BYTEA NOT NULL,
    body TEXT NOT NULL,
    target BYTEA,
    code TEXT,
    detail TEXT,
    PRIMARY KEY (operation_id, position)
);
CREATE INDEX operation_items_batch ON operation_items (operation_id, seq);
CREATE INDEX operation_items_state ON operation_items (operation_id, state, position);

-- Files that were moved to the trash; place is below the trash folder. Rows stay when the file is restored or
-- purged: what was thrown away once is not imported again.
CREATE TABLE trash (
    id BIGINT PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    trashed_ms BIGINT NOT NULL,
    original BYTEA NOT NULL,
    place BYTEA NOT NULL,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    file_id BIGINT,
    photo BYTEA,
    content_hash BYTEA,
    reason TEXT,
    kept BYTEA,
    operation BYTEA
);
CREATE INDEX trash_state ON trash (state, id);
CREATE INDEX trash_content ON trash (content_hash) WHERE content_hash IS NOT NULL;

-- What import has hashed before on cards and in folders outside the library.
CREATE TABLE seen_sources (
    path BYTEA PRIMARY KEY,
    size BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    content_hash BYTEA NOT NULL
);
