PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE cursors (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  stream          TEXT NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('live', 'backfill', 'reconcile')),
  state           TEXT NOT NULL CHECK (state IN ('new', 'behind', 'caught up', 'stuck', 'ended')),
  last_event_at   TEXT,                       -- SEEK's time of the newest event applied
  caught_up_at    TEXT,                       -- when a last page was applied
  last_error_kind TEXT,
  last_error      TEXT,
  last_error_at   TEXT,
  next_query_at   TEXT,                       -- as foreseen when the last query ended; the wait_ columns decide
  last_query_at   TEXT,
  last_answer_at  TEXT,
  events          INTEGER NOT NULL DEFAULT 0, -- events that were new
  pages           INTEGER NOT NULL DEFAULT 0,
  failures        INTEGER NOT NULL DEFAULT 0, -- in a row
  since           TEXT,                       -- bounds of the queries by date; NULL: none
  until           TEXT,
  created_at      TEXT NOT NULL,
  ended_at        TEXT,
  position        TEXT,                       -- SEEK's cursor; NULL: before the first page
  fingerprint     TEXT NOT NULL,              -- of the settings that the position belongs to
  last_query_id   INTEGER NOT NULL DEFAULT 0,
  last_selection  TEXT,
  suspect         INTEGER NOT NULL DEFAULT 0, -- among so many events from here on is one that spoils its page; below 0: it is the next one
  wait_ms         INTEGER NOT NULL DEFAULT 0 CHECK (wait_ms >= 0),
  wait_from       TEXT,
  wait_boot_ms    INTEGER,
  wait_boot_id    TEXT,
  CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
  CHECK ((last_error_kind IS NULL) = (last_error IS NULL)),
  CHECK (position <> '')
) STRICT;
INSERT INTO cursors VALUES(1,'all','live','caught up','2026-11-22T02:06:52.597Z','2026-11-22T02:06:53.257Z',NULL,NULL,NULL,'2026-11-22T02:06:55.265Z','2026-11-22T02:06:53.243Z','2026-11-22T02:06:53.257Z',38,5,0,NULL,NULL,'2026-11-22T02:06:45.125Z',NULL,'c2Vla0FuenwwMDAwMDEwZA','seekAnz-2839c382da0c202e',5,'ids',0,2007,'2026-11-22T02:06:53.257Z',23130738,'4cbc3971-479c-4305-afee-66f7d5db49f4');
CREATE TABLE queries (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  cursor_id       INTEGER NOT NULL REFERENCES cursors (id),
  sent_at         TEXT NOT NULL,
  ended_at        TEXT,
  outcome         TEXT CHECK (outcome <> ''), -- 'answered', or the kind of error
  error           TEXT,
  status          INTEGER,
  events          INTEGER,
  fresh           INTEGER,
  known           INTEGER,
  conflicts       INTEGER,                    -- known ids that came with another content
  more            INTEGER CHECK (more IN (0, 1)),
  request_id      TEXT NOT NULL,
  selection       TEXT NOT NULL,
  first           INTEGER NOT NULL,
  cursor_before   TEXT,
  cursor_after    TEXT,
  interval_ms     INTEGER NOT NULL CHECK (interval_ms >= 0),
  timeout_ms      INTEGER NOT NULL CHECK (timeout_ms >= 0),
  retry_after_ms  INTEGER NOT NULL DEFAULT 0 CHECK (retry_after_ms >= 0),
  sent_boot_ms    INTEGER NOT NULL,
  ended_boot_ms   INTEGER,
  boot_id         TEXT NOT NULL,
  started_boot_ms INTEGER NOT NULL,           -- the process's first reading of the clock
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK ((outcome IS 'answered') = (more IS NOT NULL)),
  CHECK (ended_at IS NOT NULL OR ended_boot_ms IS NULL)
) STRICT;
INSERT INTO queries VALUES(1,1,'2026-11-22T02:06:45.129Z','2026-11-22T02:06:45.144Z','answered',NULL,200,31,30,1,0,0,'4e90a35a-3743-466e-8c12-d36652946cc5','ids',100,NULL,'c2Vla0FuenwwMDAwMDBkNQ',301,2000,0,23122609,23122625,'4cbc3971-479c-4305-afee-66f7d5db49f4',23122586);
INSERT INTO queries VALUES(2,1,'2026-11-22T02:06:47.159Z','2026-11-22T02:06:47.174Z','answered',NULL,200,2,2,0,0,0,'5abab0e2-728e-4ffa-bb29-047eb690eeaa','ids',100,'c2Vla0FuenwwMDAwMDBkNQ','c2Vla0FuenwwMDAwMDBlMw',301,2000,0,23124638,23124655,'4cbc3971-479c-4305-afee-66f7d5db49f4',23122586);
INSERT INTO queries VALUES(3,1,'2026-11-22T02:06:49.184Z','2026-11-22T02:06:49.201Z','answered',NULL,200,2,2,0,0,0,'7f9e9520-31a4-49ea-8c6d-43ad9a0177e5','ids',100,'c2Vla0FuenwwMDAwMDBlMw','c2Vla0FuenwwMDAwMDBmMQ',301,2000,0,23126664,23126681,'4cbc3971-479c-4305-afee-66f7d5db49f4',23122586);
INSERT INTO queries VALUES(4,1,'2026-11-22T02:06:51.213Z','2026-11-22T02:06:51.234Z','answered',NULL,200,2,2,0,0,0,'bf7fe115-1c59-4cf0-8a8f-1e3853d27f3b','ids',100,'c2Vla0FuenwwMDAwMDBmMQ','c2Vla0FuenwwMDAwMDBmZg',301,2000,0,23128692,23128714,'4cbc3971-479c-4305-afee-66f7d5db49f4',23122586);
INSERT INTO queries VALUES(5,1,'2026-11-22T02:06:53.243Z','2026-11-22T02:06:53.257Z','answered',NULL,200,2,2,0,0,0,'7d9caac2-9bb6-4898-99b0-a6c2d10f4a06','ids',100,'c2Vla0FuenwwMDAwMDBmZg','c2Vla0FuenwwMDAwMDEwZA',301,2000,0,23130722,23130738,'4cbc3971-479c-4305-afee-66f7d5db49f4',23122586);
CREATE TABLE events (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival
  id           TEXT NOT NULL UNIQUE CHECK (id <> ''),
  stream       TEXT NOT NULL,
  type         TEXT NOT NULL,
  scheme       TEXT NOT NULL,
  source       TEXT NOT NULL CHECK (source IN ('live', 'backfill', 'reconcile')),
  created_at   TEXT,
  streamed_at  TEXT,
  received_at  TEXT NOT NULL,
  hirer_id     TEXT,
  identifiers  TEXT CHECK (identifiers IS NULL OR json_valid(identifiers)),
  refused      TEXT CHECK (refused IS NULL OR json_valid(refused)), -- fields that SEEK withheld
  unreadable   TEXT,                              -- why the node could not be decoded
  cursor       TEXT,                              -- the edge's cursor
  query_id     INTEGER NOT NULL REFERENCES queries (id),
  seen_again   INTEGER NOT NULL DEFAULT 0,
  last_seen_at TEXT,
  node         TEXT                               -- byte for byte as SEEK sent it
) STRICT;
INSERT INTO events VALUES(1,'seekAnz:event:events:cVFC4wpezcK3LzuuwozDHI','all','CandidateProfilePurchased','seekAnz','live','2026-11-05T19:06:44.597Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:k3jRLFQ8RAEbpEXKuaR6H3","candidateProfileId":"seekAnz:candidateProfile:purchased:iYgRyKzU0dhqhFVGXUNdhE"}',NULL,NULL,'c2Vla0FuenwwMDAwMDAwMw',1,0,NULL,'{"__typename":"CandidateProfilePurchasedEvent","createDateTime":"2026-11-05T19:06:44.597Z","id":{"value":"seekAnz:event:events:cVFC4wpezcK3LzuuwozDHI"},"schemeId":"seekAnz","typeCode":"CandidateProfilePurchased","candidateProfileId":"seekAnz:candidateProfile:purchased:iYgRyKzU0dhqhFVGXUNdhE","candidateProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:k3jRLFQ8RAEbpEXKuaR6H3"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}}}}}}');
INSERT INTO events VALUES(2,'seekAnz:event:events:IugmqlmBiX9FqQIAJW5OXm','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:40.510Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:LuaSVTk2JEX0iL3MbFxST5","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:OfSi7GL3OjtZ39ntKikMwc","candidateId":"seekAnz:candidate:feed:s6WHjCcFkyHuF8k6gFFjhg"}',NULL,NULL,'c2Vla0FuenwwMDAwMDAwYQ',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:40.510Z","id":{"value":"seekAnz:event:events:IugmqlmBiX9FqQIAJW5OXm"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:OfSi7GL3OjtZ39ntKikMwc","candidateId":"seekAnz:candidate:feed:s6WHjCcFkyHuF8k6gFFjhg","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:LuaSVTk2JEX0iL3MbFxST5"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}}}}}');
INSERT INTO events VALUES(3,'seekAnz:event:events:8WlFMeEWRY7zpDRAbHBYiH','all','HirerRelationshipChanged','seekAnz','live','2026-11-22T02:06:40.247Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{}',NULL,NULL,'c2Vla0FuenwwMDAwMDAxMQ',1,0,NULL,'{"__typename":"HirerRelationshipChangedEvent","createDateTime":"2026-11-22T02:06:40.247Z","id":{"value":"seekAnz:event:events:8WlFMeEWRY7zpDRAbHBYiH"},"schemeId":"seekAnz","typeCode":"HirerRelationshipChanged","hirerId":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}');
INSERT INTO events VALUES(4,'seekAnz:event:events:ruNJvRmCgKBAw8pfOe1Bf5','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:42.563Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:XS3fCr3AtIfwyGOg8EhiK8","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:4qlpWmn7h6t9VUmQW1xULQ","candidateId":"seekAnz:candidate:feed:EqSPHRMZ558BNSkO0KqpMZ"}',NULL,NULL,'c2Vla0FuenwwMDAwMDAxOA',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:42.563Z","id":{"value":"seekAnz:event:events:ruNJvRmCgKBAw8pfOe1Bf5"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:4qlpWmn7h6t9VUmQW1xULQ","candidateId":"seekAnz:candidate:feed:EqSPHRMZ558BNSkO0KqpMZ","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:XS3fCr3AtIfwyGOg8EhiK8"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}}');
INSERT INTO events VALUES(5,'seekAnz:event:events:ah6TEDqOgYuV1lirU5zfXR','all','CandidateMoodChanged','seekAnz','live','2026-11-22T02:06:40.996Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,NULL,NULL,'events of type CandidateMoodChangedEvent are not known to this version','c2Vla0FuenwwMDAwMDAxZg',1,0,NULL,'{"__typename":"CandidateMoodChangedEvent","createDateTime":"2026-11-22T02:06:40.996Z","id":{"value":"seekAnz:event:events:ah6TEDqOgYuV1lirU5zfXR"},"schemeId":"seekAnz","typeCode":"CandidateMoodChanged"}');
INSERT INTO events VALUES(6,'seekAnz:event:events:qchQScUgyxh4uMh5x0PhZV','all','CandidateProfilePurchased','seekAnz','live','2026-11-22T02:06:42.038Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:kb1f1jkHkVoHVDLkJfcV80","candidateProfileId":"seekAnz:candidateProfile:purchased:xsIb9KPwMlUTm8DRfPKhir"}',NULL,NULL,'c2Vla0FuenwwMDAwMDAyNg',1,0,NULL,'{"__typename":"CandidateProfilePurchasedEvent","createDateTime":"2026-11-22T02:06:42.038Z","id":{"value":"seekAnz:event:events:qchQScUgyxh4uMh5x0PhZV"},"schemeId":"seekAnz","typeCode":"CandidateProfilePurchased","candidateProfileId":"seekAnz:candidateProfile:purchased:xsIb9KPwMlUTm8DRfPKhir","candidateProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:kb1f1jkHkVoHVDLkJfcV80"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}}');
INSERT INTO events VALUES(7,'seekAnz:event:events:x4PntxS3mnSnPkSUzndnkz','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:41.888Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:VbJJU0FyGynt0Zp9RJGnRj","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:7TGStBGdGrjmH2N4H454sG","candidateId":"seekAnz:candidate:feed:BdwZFLtUg3C7ofJs79K1hD"}',NULL,NULL,'c2Vla0FuenwwMDAwMDAyZA',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:41.888Z","id":{"value":"seekAnz:event:events:x4PntxS3mnSnPkSUzndnkz"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:7TGStBGdGrjmH2N4H454sG","candidateId":"seekAnz:candidate:feed:BdwZFLtUg3C7ofJs79K1hD","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:VbJJU0FyGynt0Zp9RJGnRj"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}}}}}');
INSERT INTO events VALUES(8,'seekAnz:event:events:sRMymETc5bwdEcSDveE5rc','all','HirerRelationshipChanged','seekAnz','live','2026-11-22T02:06:42.201Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{}',NULL,NULL,'c2Vla0FuenwwMDAwMDAzNA',1,0,NULL,'{"__typename":"HirerRelationshipChangedEvent","createDateTime":"2026-11-22T02:06:42.201Z","id":{"value":"seekAnz:event:events:sRMymETc5bwdEcSDveE5rc"},"schemeId":"seekAnz","typeCode":"HirerRelationshipChanged","hirerId":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}');
INSERT INTO events VALUES(9,'seekAnz:event:events:XVIZ3pNaLHmkjjvBfoMtGJ','all','PositionNotPosted','seekAnz','live','2026-11-22T02:06:40.523Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,'{"reasonId":"seekAnz:positionNotPostedReason:events:uQMFz2rRJEAQ3yWW7pwQh5","seekPartnerPositionId":"REF-554152"}',NULL,NULL,'c2Vla0FuenwwMDAwMDAzYg',1,0,NULL,'{"__typename":"PositionNotPostedEvent","createDateTime":"2026-11-22T02:06:40.523Z","id":{"value":"seekAnz:event:events:XVIZ3pNaLHmkjjvBfoMtGJ"},"schemeId":"seekAnz","typeCode":"PositionNotPosted","reasonId":"seekAnz:positionNotPostedReason:events:uQMFz2rRJEAQ3yWW7pwQh5","seekPartnerPositionId":"REF-554152"}');
INSERT INTO events VALUES(11,'seekAnz:event:events:empRGnaJHl5rscAzXCL3g7','all','CandidateProfilePurchased','seekAnz','live','2026-11-22T02:06:44.546Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:lVzAHPknGMHOm1Fp9WHt9j","candidateProfileId":"seekAnz:candidateProfile:purchased:nk9mNxOgpO5kFKdmCvI3qM"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA0OQ',1,0,NULL,'{"__typename":"CandidateProfilePurchasedEvent","createDateTime":"2026-11-22T02:06:44.546Z","id":{"value":"seekAnz:event:events:empRGnaJHl5rscAzXCL3g7"},"schemeId":"seekAnz","typeCode":"CandidateProfilePurchased","candidateProfileId":"seekAnz:candidateProfile:purchased:nk9mNxOgpO5kFKdmCvI3qM","candidateProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:lVzAHPknGMHOm1Fp9WHt9j"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}}}}}');
INSERT INTO events VALUES(12,'seekAnz:event:events:e5cIv114YfuXsk8ZEFsfim','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:41.175Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:3wmmETiXUJVCVNJx5ZMEvG","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:9Fg04vpLnZXqcorRlWQPdc","candidateId":"seekAnz:candidate:feed:DHKBe4mLfMhrzUmk5dZ9ic"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA1MA',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:41.175Z","id":{"value":"seekAnz:event:events:e5cIv114YfuXsk8ZEFsfim"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:9Fg04vpLnZXqcorRlWQPdc","candidateId":"seekAnz:candidate:feed:DHKBe4mLfMhrzUmk5dZ9ic","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:3wmmETiXUJVCVNJx5ZMEvG"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}}}}}');
INSERT INTO events VALUES(13,'seekAnz:event:events:w2vVgQpMBxepku9ThtDA9x','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:42.140Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:38EH1UScFK2Xa8bu8xIGyu","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:n3XomNZqubYl0QS4LmKO6r","candidateId":"seekAnz:candidate:feed:mWXQd9WdXZvrSQrVEwG5GQ"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA1Nw',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:42.140Z","id":{"value":"seekAnz:event:events:w2vVgQpMBxepku9ThtDA9x"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:n3XomNZqubYl0QS4LmKO6r","candidateId":"seekAnz:candidate:feed:mWXQd9WdXZvrSQrVEwG5GQ","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:38EH1UScFK2Xa8bu8xIGyu"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}}');
INSERT INTO events VALUES(14,'seekAnz:event:events:a8DPhHzaoN1wldopZBiukt','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:42.045Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:hR9CU4jzM6lOqUVUZbvdEK","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:anKEUijdz9KJdfCcxGaadZ","candidateId":"seekAnz:candidate:feed:kbDUCC41CD0hzIszceNLA7"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA1ZQ',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:42.045Z","id":{"value":"seekAnz:event:events:a8DPhHzaoN1wldopZBiukt"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:anKEUijdz9KJdfCcxGaadZ","candidateId":"seekAnz:candidate:feed:kbDUCC41CD0hzIszceNLA7","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:hR9CU4jzM6lOqUVUZbvdEK"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}}}}}');
INSERT INTO events VALUES(15,'seekAnz:event:events:WRjhrZVH5LaPtjjyGAku1V','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:41.477Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:HpyH4kNRO5H27Q1Om8HFCQ","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:MsnoiI4AW6kvEeb4sYn4GP","candidateId":"seekAnz:candidate:feed:0AXr0UhARCgnkFcgIzGk8u"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA2NQ',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:41.477Z","id":{"value":"seekAnz:event:events:WRjhrZVH5LaPtjjyGAku1V"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:MsnoiI4AW6kvEeb4sYn4GP","candidateId":"seekAnz:candidate:feed:0AXr0UhARCgnkFcgIzGk8u","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:HpyH4kNRO5H27Q1Om8HFCQ"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}}}}}');
INSERT INTO events VALUES(16,'seekAnz:event:events:7qfhGZPTKwxX2KUjCCL50C','all','PositionProfileClosed','seekAnz','live','2026-11-22T02:06:44.272Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"positionProfileId":"seekAnz:positionProfile:jobAd:4nUueSKJhJSjTDcOl1QQPL"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA2Yw',1,0,NULL,'{"__typename":"PositionProfileClosedEvent","createDateTime":"2026-11-22T02:06:44.272Z","id":{"value":"seekAnz:event:events:7qfhGZPTKwxX2KUjCCL50C"},"schemeId":"seekAnz","typeCode":"PositionProfileClosed","positionProfileId":"seekAnz:positionProfile:jobAd:4nUueSKJhJSjTDcOl1QQPL","positionProfile":{"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}');
INSERT INTO events VALUES(17,'seekAnz:event:events:j1x0kC3XDVQsVoP6SSS6fe','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:41.885Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:3SfGelzp3nE8gh2UEuudU2","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:hEpPwBDzCkBRXgthM3pOKS","candidateId":"seekAnz:candidate:feed:x0XHV45RxGVckOF9JmpijI"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA3Mw',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:41.885Z","id":{"value":"seekAnz:event:events:j1x0kC3XDVQsVoP6SSS6fe"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:hEpPwBDzCkBRXgthM3pOKS","candidateId":"seekAnz:candidate:feed:x0XHV45RxGVckOF9JmpijI","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:3SfGelzp3nE8gh2UEuudU2"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}}}}}}');
INSERT INTO events VALUES(18,'seekAnz:event:events:b2pc96sGLisJInm0TqbtpS','all','PositionProfileClosed','seekAnz','live','2026-11-22T02:06:43.446Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,'{"positionProfileId":"seekAnz:positionProfile:jobAd:9d0FYSAmUCyH8MrOguSVBq"}','[{"path":"positionProfile","code":"FORBIDDEN","message":"there is no hirer relationship that gives access to this object"}]',NULL,'c2Vla0FuenwwMDAwMDA3YQ',1,0,NULL,'{"__typename":"PositionProfileClosedEvent","createDateTime":"2026-11-22T02:06:43.446Z","id":{"value":"seekAnz:event:events:b2pc96sGLisJInm0TqbtpS"},"schemeId":"seekAnz","typeCode":"PositionProfileClosed","positionProfileId":"seekAnz:positionProfile:jobAd:9d0FYSAmUCyH8MrOguSVBq","positionProfile":null}');
INSERT INTO events VALUES(19,'seekAnz:event:events:2IoGXZz5ux5sn35584yHNb','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:40.496Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:QRSXsSp78lW3cWokdQfHj9","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:LgZk33vYexThOJmaQD9qgH","candidateId":"seekAnz:candidate:feed:qpZWNASOBHyrOpxd30CcGP"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA4MQ',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:40.496Z","id":{"value":"seekAnz:event:events:2IoGXZz5ux5sn35584yHNb"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:LgZk33vYexThOJmaQD9qgH","candidateId":"seekAnz:candidate:feed:qpZWNASOBHyrOpxd30CcGP","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:QRSXsSp78lW3cWokdQfHj9"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}}}}}');
INSERT INTO events VALUES(20,'seekAnz:event:events:Q0aJU6kuWUEFSShMfxA1tX','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:43.423Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:d53Kooa4yYbH9R5blPKUUh","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:PsrNkqiWvGxTs24gsbMaOv","candidateId":"seekAnz:candidate:feed:Fet03nuDHKvD9lYbAkbJCf"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA4OA',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:43.423Z","id":{"value":"seekAnz:event:events:Q0aJU6kuWUEFSShMfxA1tX"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:PsrNkqiWvGxTs24gsbMaOv","candidateId":"seekAnz:candidate:feed:Fet03nuDHKvD9lYbAkbJCf","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:d53Kooa4yYbH9R5blPKUUh"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}}}}}');
INSERT INTO events VALUES(21,'seekAnz:event:events:g3uqJiHamFjKNaSTdVlxtK','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:40.307Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:JXdvfklzu4pf41TeLuP996","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:iXcFL3Si5ZEZvqItTu4kJV","candidateId":"seekAnz:candidate:feed:BwCQAGFbK2Lu9qcgCH1v6V"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA4Zg',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:40.307Z","id":{"value":"seekAnz:event:events:g3uqJiHamFjKNaSTdVlxtK"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:iXcFL3Si5ZEZvqItTu4kJV","candidateId":"seekAnz:candidate:feed:BwCQAGFbK2Lu9qcgCH1v6V","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:JXdvfklzu4pf41TeLuP996"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}}}}}');
INSERT INTO events VALUES(22,'seekAnz:event:events:3MSpXCyPzPGiaQlcJuv24t','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:41.670Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:ORGvGaswHIR4wnp6Ig5rDd","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:F1pNNeDDQbtod6gkDGslYY","candidateId":"seekAnz:candidate:feed:WW56LMiYJejpr5ovuALsNb"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA5Ng',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:41.670Z","id":{"value":"seekAnz:event:events:3MSpXCyPzPGiaQlcJuv24t"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:F1pNNeDDQbtod6gkDGslYY","candidateId":"seekAnz:candidate:feed:WW56LMiYJejpr5ovuALsNb","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:ORGvGaswHIR4wnp6Ig5rDd"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}}}}}');
INSERT INTO events VALUES(23,'seekAnz:event:events:qgtP1EatQ65FRtQc71XFYt','all','PositionNotPosted','seekAnz','live','2026-11-22T02:06:40.254Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,'{"reasonId":"seekAnz:positionNotPostedReason:events:ZKhPpsay1ADD1TyHJ4O9x6","seekPartnerPositionId":"REF-573434"}',NULL,NULL,'c2Vla0FuenwwMDAwMDA5ZA',1,0,NULL,'{"__typename":"PositionNotPostedEvent","createDateTime":"2026-11-22T02:06:40.254Z","id":{"value":"seekAnz:event:events:qgtP1EatQ65FRtQc71XFYt"},"schemeId":"seekAnz","typeCode":"PositionNotPosted","reasonId":"seekAnz:positionNotPostedReason:events:ZKhPpsay1ADD1TyHJ4O9x6","seekPartnerPositionId":"REF-573434"}');
INSERT INTO events VALUES(24,'seekAnz:event:events:WgJ3mSY8NTaqBAMMvuSLgm','all','HirerRelationshipChanged','seekAnz','live','2026-11-22T02:06:44.167Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v','{}',NULL,NULL,'c2Vla0FuenwwMDAwMDBhNA',1,0,NULL,'{"__typename":"HirerRelationshipChangedEvent","createDateTime":"2026-11-22T02:06:44.167Z","id":{"value":"seekAnz:event:events:WgJ3mSY8NTaqBAMMvuSLgm"},"schemeId":"seekAnz","typeCode":"HirerRelationshipChanged","hirerId":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}');
INSERT INTO events VALUES(25,'seekAnz:event:events:9SESbX3aKIWe26doyPUR3c','all','PositionNotPosted','seekAnz','live','2026-11-22T02:06:39.839Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,'{"reasonId":"seekAnz:positionNotPostedReason:events:459ddeKP2KTw6ssgNG972M","seekPartnerPositionId":"REF-936279"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBhYg',1,0,NULL,'{"__typename":"PositionNotPostedEvent","createDateTime":"2026-11-22T02:06:39.839Z","id":{"value":"seekAnz:event:events:9SESbX3aKIWe26doyPUR3c"},"schemeId":"seekAnz","typeCode":"PositionNotPosted","reasonId":"seekAnz:positionNotPostedReason:events:459ddeKP2KTw6ssgNG972M","seekPartnerPositionId":"REF-936279"}');
INSERT INTO events VALUES(26,'seekAnz:event:events:GxXyZ14WYCYof8ZTzBUtqY','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:41.888Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:EMI00239XObXeEN3DSbPqb","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:1zVuGQ6ofnzO2BRy0ER5Mb","candidateId":"seekAnz:candidate:feed:1nKkUa25UejyrtZKYmHBuQ"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBiMg',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:41.888Z","id":{"value":"seekAnz:event:events:GxXyZ14WYCYof8ZTzBUtqY"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:1zVuGQ6ofnzO2BRy0ER5Mb","candidateId":"seekAnz:candidate:feed:1nKkUa25UejyrtZKYmHBuQ","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:EMI00239XObXeEN3DSbPqb"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:c2Arj1HBweUcnhQnMxRN1v"}}}}}}');
INSERT INTO events VALUES(27,'seekAnz:event:events:6ThLHVmAQ3XAcQ011YYPg4','all','CandidateMoodChanged','seekAnz','live','2026-11-22T02:06:40.755Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,NULL,NULL,'events of type CandidateMoodChangedEvent are not known to this version','c2Vla0FuenwwMDAwMDBiOQ',1,0,NULL,'{"__typename":"CandidateMoodChangedEvent","createDateTime":"2026-11-22T02:06:40.755Z","id":{"value":"seekAnz:event:events:6ThLHVmAQ3XAcQ011YYPg4"},"schemeId":"seekAnz","typeCode":"CandidateMoodChanged"}');
INSERT INTO events VALUES(28,'seekAnz:event:events:rBJ43a46Dea05l1kDhZ4bt','all','PositionProfileClosed','seekAnz','live','2026-11-22T02:06:43.186Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm','{"positionProfileId":"seekAnz:positionProfile:jobAd:CP1n4ZIWHa225WZdV2iTEO"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBjMA',1,0,NULL,'{"__typename":"PositionProfileClosedEvent","createDateTime":"2026-11-22T02:06:43.186Z","id":{"value":"seekAnz:event:events:rBJ43a46Dea05l1kDhZ4bt"},"schemeId":"seekAnz","typeCode":"PositionProfileClosed","positionProfileId":"seekAnz:positionProfile:jobAd:CP1n4ZIWHa225WZdV2iTEO","positionProfile":{"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}}}}');
INSERT INTO events VALUES(29,'seekAnz:event:events:1Fwx3rNb2UtBO7mpRMJqk1','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:40.821Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:oOXzmxPZr4Vo3LKZz3Em5o","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:MtlXD8ci5wrkHEHD8PSNSg","candidateId":"seekAnz:candidate:feed:K4Ak725zBGQTURbMq9uGdI"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBjNw',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:40.821Z","id":{"value":"seekAnz:event:events:1Fwx3rNb2UtBO7mpRMJqk1"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:MtlXD8ci5wrkHEHD8PSNSg","candidateId":"seekAnz:candidate:feed:K4Ak725zBGQTURbMq9uGdI","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:oOXzmxPZr4Vo3LKZz3Em5o"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}}}}}');
INSERT INTO events VALUES(30,'seekAnz:event:events:zMKEGLUHoAUV7R3bhRngOP','all','PositionNotPosted','seekAnz','live','2026-11-22T02:06:44.328Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z',NULL,'{"reasonId":"seekAnz:positionNotPostedReason:events:VjT8PdZTUOtqTtOLWh7gKC","seekPartnerPositionId":"REF-675383"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBjZQ',1,0,NULL,'{"__typename":"PositionNotPostedEvent","createDateTime":"2026-11-22T02:06:44.328Z","id":{"value":"seekAnz:event:events:zMKEGLUHoAUV7R3bhRngOP"},"schemeId":"seekAnz","typeCode":"PositionNotPosted","reasonId":"seekAnz:positionNotPostedReason:events:VjT8PdZTUOtqTtOLWh7gKC","seekPartnerPositionId":"REF-675383"}');
INSERT INTO events VALUES(31,'seekAnz:event:events:C94Hlqu8UDbnirIFLZimYd','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:40.316Z','2026-11-22T02:06:44.597Z','2026-11-22T02:06:45.144Z','seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:2j9tt4UtqNNdJbZQ8nqDaC","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:7WlB8PLxVJ6CNld0MMNlkL","candidateId":"seekAnz:candidate:feed:8Lpe4yW3jhOIW2XlIggYkp"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBkNQ',1,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:40.316Z","id":{"value":"seekAnz:event:events:C94Hlqu8UDbnirIFLZimYd"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:7WlB8PLxVJ6CNld0MMNlkL","candidateId":"seekAnz:candidate:feed:8Lpe4yW3jhOIW2XlIggYkp","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:2j9tt4UtqNNdJbZQ8nqDaC"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:ZgzvZ4vrtu7x1aOFsGvKXf"}}}}}}');
INSERT INTO events VALUES(32,'seekAnz:event:events:g62IZGbbwB8cebaJWgsSin','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:42.278Z','2026-11-22T02:06:45.598Z','2026-11-22T02:06:47.174Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:NiPmxT2eMuaXbosTGPLBPu","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:uu9ev7YC4VDaYdoJwdeOWj","candidateId":"seekAnz:candidate:feed:wIwsrFWHkV1mUV0MNIjh9e"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBkYw',2,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:42.278Z","id":{"value":"seekAnz:event:events:g62IZGbbwB8cebaJWgsSin"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:uu9ev7YC4VDaYdoJwdeOWj","candidateId":"seekAnz:candidate:feed:wIwsrFWHkV1mUV0MNIjh9e","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:NiPmxT2eMuaXbosTGPLBPu"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}}');
INSERT INTO events VALUES(33,'seekAnz:event:events:qNI5FxVc1o3qC4Bi9c40Wl','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:44.573Z','2026-11-22T02:06:46.597Z','2026-11-22T02:06:47.174Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:kV43kFpY3rpNHiLZei9B9a","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:WEfb6Ep9n4e17Edvk7wJ8W","candidateId":"seekAnz:candidate:feed:zENclTMay3RZpBlP9auna3"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBlMw',2,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:44.573Z","id":{"value":"seekAnz:event:events:qNI5FxVc1o3qC4Bi9c40Wl"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:WEfb6Ep9n4e17Edvk7wJ8W","candidateId":"seekAnz:candidate:feed:zENclTMay3RZpBlP9auna3","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:kV43kFpY3rpNHiLZei9B9a"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}}');
INSERT INTO events VALUES(34,'seekAnz:event:events:9AxRsKwfoQI3zDYpttUaMJ','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:43.837Z','2026-11-22T02:06:47.598Z','2026-11-22T02:06:49.201Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:lfXV7SYeqrUuFdBFEiIUpQ","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:Vz7yuiKrn1tcxq27rFyWZ0","candidateId":"seekAnz:candidate:feed:0AHidfyaj3XXoBTzJgAzuU"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBlYQ',3,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:43.837Z","id":{"value":"seekAnz:event:events:9AxRsKwfoQI3zDYpttUaMJ"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:Vz7yuiKrn1tcxq27rFyWZ0","candidateId":"seekAnz:candidate:feed:0AHidfyaj3XXoBTzJgAzuU","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:lfXV7SYeqrUuFdBFEiIUpQ"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}}}}}}');
INSERT INTO events VALUES(35,'seekAnz:event:events:ywsoBsmFenHxnCw82VdDK7','all','CandidateMoodChanged','seekAnz','live','2026-11-22T02:06:45.621Z','2026-11-22T02:06:48.598Z','2026-11-22T02:06:49.201Z',NULL,NULL,NULL,'events of type CandidateMoodChangedEvent are not known to this version','c2Vla0FuenwwMDAwMDBmMQ',3,0,NULL,'{"__typename":"CandidateMoodChangedEvent","createDateTime":"2026-11-22T02:06:45.621Z","id":{"value":"seekAnz:event:events:ywsoBsmFenHxnCw82VdDK7"},"schemeId":"seekAnz","typeCode":"CandidateMoodChanged"}');
INSERT INTO events VALUES(36,'seekAnz:event:events:piIUCNsD1m4OJxhMRcpIBO','all','HirerRelationshipChanged','seekAnz','live','2026-11-22T02:06:46.893Z','2026-11-22T02:06:49.597Z','2026-11-22T02:06:51.234Z','seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS','{}',NULL,NULL,'c2Vla0FuenwwMDAwMDBmOA',4,0,NULL,'{"__typename":"HirerRelationshipChangedEvent","createDateTime":"2026-11-22T02:06:46.893Z","id":{"value":"seekAnz:event:events:piIUCNsD1m4OJxhMRcpIBO"},"schemeId":"seekAnz","typeCode":"HirerRelationshipChanged","hirerId":"seekAnz:organization:seek:5ciu41GlLaZOPz5UMnqYbS"}');
INSERT INTO events VALUES(37,'seekAnz:event:events:dbzvo63toSSezGHhbytTtX','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:49.485Z','2026-11-22T02:06:50.598Z','2026-11-22T02:06:51.234Z','seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:jxy68kfIpFZVOjS98MFJ5d","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:g0QebZm1sfKeKxI9nImTsi","candidateId":"seekAnz:candidate:feed:X7ExwMJyxgKkbs5P3DH9gd"}',NULL,NULL,'c2Vla0FuenwwMDAwMDBmZg',4,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:49.485Z","id":{"value":"seekAnz:event:events:dbzvo63toSSezGHhbytTtX"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:g0QebZm1sfKeKxI9nImTsi","candidateId":"seekAnz:candidate:feed:X7ExwMJyxgKkbs5P3DH9gd","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:jxy68kfIpFZVOjS98MFJ5d"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}}}}}');
INSERT INTO events VALUES(38,'seekAnz:event:events:3AFTYxU9WxwTCe16ZlxZMj','all','PositionProfileUpdated','seekAnz','live','2026-11-22T02:06:48.568Z','2026-11-22T02:06:51.598Z','2026-11-22T02:06:53.257Z','seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm','{"positionProfileId":"seekAnz:positionProfile:jobAd:6jTULdf6aYGpj8YqHPXw3H"}',NULL,NULL,'c2Vla0FuenwwMDAwMDEwNg',5,0,NULL,'{"__typename":"PositionProfileUpdatedEvent","createDateTime":"2026-11-22T02:06:48.568Z","id":{"value":"seekAnz:event:events:3AFTYxU9WxwTCe16ZlxZMj"},"schemeId":"seekAnz","typeCode":"PositionProfileUpdated","positionProfileId":"seekAnz:positionProfile:jobAd:6jTULdf6aYGpj8YqHPXw3H","positionProfile":{"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:HS0cbDuUxN6SnHrzEtNngm"}}}}}');
INSERT INTO events VALUES(39,'seekAnz:event:events:2LEz0Tnaugm7erBOKoBqAi','all','CandidateApplicationCreated','seekAnz','live','2026-11-22T02:06:48.824Z','2026-11-22T02:06:52.597Z','2026-11-22T02:06:53.257Z','seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT','{"associatedPositionProfileId":"seekAnz:positionProfile:jobAd:qHONRllKOh6fKoTwS5ZnLm","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:FUiHDdW57N28kDa4v6lg4v","candidateId":"seekAnz:candidate:feed:JguBDO1Fd5MJuITDrb9bHC"}',NULL,NULL,'c2Vla0FuenwwMDAwMDEwZA',5,0,NULL,'{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-11-22T02:06:48.824Z","id":{"value":"seekAnz:event:events:2LEz0Tnaugm7erBOKoBqAi"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated","candidateApplicationProfileId":"seekAnz:candidateProfile:apply:FUiHDdW57N28kDa4v6lg4v","candidateId":"seekAnz:candidate:feed:JguBDO1Fd5MJuITDrb9bHC","candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile","profileId":{"value":"seekAnz:positionProfile:jobAd:qHONRllKOh6fKoTwS5ZnLm"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}],"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:Yg6kiPJvaxqeAHa4xfHxPT"}}}}}}');
CREATE TABLE destinations (
  name            TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  kind            TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('active', 'paused', 'parked', 'removed')),
  reason          TEXT,
  state_since     TEXT NOT NULL,
  last_success_at TEXT,
  last_failure_at TEXT,
  last_error      TEXT,
  failures        INTEGER NOT NULL DEFAULT 0, -- in a row
  not_before      TEXT,
  delivered       INTEGER NOT NULL DEFAULT 0,
  dead            INTEGER NOT NULL DEFAULT 0,
  created_at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO destinations VALUES('ats','webhook','active',NULL,'2026-11-22T02:06:45.121Z',NULL,'2026-11-22T02:06:50.429Z','dial tcp 127.0.0.1:9999: connect: connection refused',5,'2026-11-22T02:07:06.378Z',0,0,'2026-11-22T02:06:45.121Z');
INSERT INTO destinations VALUES('spool','directory','active',NULL,'2026-11-22T02:06:45.121Z','2026-11-22T02:06:53.267Z',NULL,NULL,0,NULL,38,0,'2026-11-22T02:06:45.121Z');
CREATE TABLE outbox (
  seq              INTEGER NOT NULL REFERENCES events (seq),
  destination      TEXT NOT NULL REFERENCES destinations (name),
  due_at           TEXT CHECK (due_at GLOB '????-??-??T??:??:??.???Z'),
  attempts         INTEGER NOT NULL DEFAULT 0,
  spent            INTEGER NOT NULL DEFAULT 0, -- attempts before it was last owed anew, which count no more
  refusals         INTEGER NOT NULL DEFAULT 0, -- of this single event, since it was last owed anew
  created_at       TEXT NOT NULL,
  first_attempt_at TEXT,
  delivered_at     TEXT,
  dead_at          TEXT,
  last_status      INTEGER,
  last_detail      TEXT,
  PRIMARY KEY (seq, destination),
  CHECK ((due_at IS NOT NULL) + (delivered_at IS NOT NULL) + (dead_at IS NOT NULL) = 1),
  CHECK (delivered_at IS NULL OR attempts > spent),
  CHECK (spent BETWEEN 0 AND attempts),
  CHECK (refusals BETWEEN 0 AND attempts - spent),
  CHECK ((attempts = spent) = (first_attempt_at IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO outbox VALUES(1,'ats','2026-11-22T02:06:49.798Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(1,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.157Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(2,'ats','2026-11-22T02:06:50.140Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(2,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(3,'ats','2026-11-22T02:06:50.527Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(3,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.176Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(4,'ats','2026-11-22T02:06:50.504Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(4,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(5,'ats','2026-11-22T02:06:50.619Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(5,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.180Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(6,'ats','2026-11-22T02:06:49.923Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(6,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.157Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(7,'ats','2026-11-22T02:06:50.119Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(7,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(8,'ats','2026-11-22T02:06:50.607Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(8,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.176Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(9,'ats','2026-11-22T02:06:55.845Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(9,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.184Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(11,'ats','2026-11-22T02:06:49.817Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(11,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.157Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(12,'ats','2026-11-22T02:06:50.093Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(12,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(13,'ats','2026-11-22T02:06:49.947Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(13,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(14,'ats','2026-11-22T02:06:50.362Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(14,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(15,'ats','2026-11-22T02:06:49.963Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(15,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(16,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(16,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.188Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(17,'ats','2026-11-22T02:06:49.692Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(17,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(18,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(18,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.188Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(19,'ats','2026-11-22T02:06:50.578Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(19,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(20,'ats','2026-11-22T02:06:50.332Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(20,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(21,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(21,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.149Z','2026-11-22T02:06:45.170Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(22,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(22,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.202Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(23,'ats','2026-11-22T02:06:55.767Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(23,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.209Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(24,'ats','2026-11-22T02:06:50.013Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(24,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.212Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(25,'ats','2026-11-22T02:06:55.715Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(25,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.209Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(26,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(26,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.202Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(27,'ats','2026-11-22T02:06:50.512Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(27,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.214Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(28,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(28,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.216Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(29,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(29,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.202Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(30,'ats','2026-11-22T02:06:55.711Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,'dial tcp 127.0.0.1:9999: connect: connection refused');
INSERT INTO outbox VALUES(30,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.209Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(31,'ats','2026-11-22T02:07:45.151Z',1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.150Z',NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(31,'spool',NULL,1,0,0,'2026-11-22T02:06:45.144Z','2026-11-22T02:06:45.191Z','2026-11-22T02:06:45.202Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(32,'ats','2026-11-22T02:06:47.174Z',0,0,0,'2026-11-22T02:06:47.174Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(32,'spool',NULL,1,0,0,'2026-11-22T02:06:47.174Z','2026-11-22T02:06:47.177Z','2026-11-22T02:06:47.182Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(33,'ats','2026-11-22T02:06:47.174Z',0,0,0,'2026-11-22T02:06:47.174Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(33,'spool',NULL,1,0,0,'2026-11-22T02:06:47.174Z','2026-11-22T02:06:47.177Z','2026-11-22T02:06:47.182Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(34,'ats','2026-11-22T02:06:49.201Z',0,0,0,'2026-11-22T02:06:49.201Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(34,'spool',NULL,1,0,0,'2026-11-22T02:06:49.201Z','2026-11-22T02:06:49.205Z','2026-11-22T02:06:49.208Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(35,'ats','2026-11-22T02:06:49.201Z',0,0,0,'2026-11-22T02:06:49.201Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(35,'spool',NULL,1,0,0,'2026-11-22T02:06:49.201Z','2026-11-22T02:06:49.205Z','2026-11-22T02:06:49.212Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(36,'ats','2026-11-22T02:06:51.234Z',0,0,0,'2026-11-22T02:06:51.234Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(36,'spool',NULL,1,0,0,'2026-11-22T02:06:51.234Z','2026-11-22T02:06:51.237Z','2026-11-22T02:06:51.240Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(37,'ats','2026-11-22T02:06:51.234Z',0,0,0,'2026-11-22T02:06:51.234Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(37,'spool',NULL,1,0,0,'2026-11-22T02:06:51.234Z','2026-11-22T02:06:51.237Z','2026-11-22T02:06:51.249Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(38,'ats','2026-11-22T02:06:53.257Z',0,0,0,'2026-11-22T02:06:53.257Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(38,'spool',NULL,1,0,0,'2026-11-22T02:06:53.257Z','2026-11-22T02:06:53.261Z','2026-11-22T02:06:53.264Z',NULL,NULL,NULL);
INSERT INTO outbox VALUES(39,'ats','2026-11-22T02:06:53.257Z',0,0,0,'2026-11-22T02:06:53.257Z',NULL,NULL,NULL,NULL,NULL);
INSERT INTO outbox VALUES(39,'spool',NULL,1,0,0,'2026-11-22T02:06:53.257Z','2026-11-22T02:06:53.261Z','2026-11-22T02:06:53.267Z',NULL,NULL,NULL);
CREATE TABLE attempts (
  seq         INTEGER NOT NULL,
  destination TEXT NOT NULL,
  attempt     INTEGER NOT NULL CHECK (attempt > 0),
  started_at  TEXT NOT NULL,
  ended_at    TEXT NOT NULL,
  latency_ms  INTEGER NOT NULL,
  outcome     TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'dead', 'parked')),
  status      INTEGER,
  detail      TEXT,
  request_id  TEXT,
  batch       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (seq, destination, attempt),
  FOREIGN KEY (seq, destination) REFERENCES outbox (seq, destination)
) STRICT, WITHOUT ROWID;
INSERT INTO attempts VALUES(1,'ats',1,'2026-11-22T02:06:45.155Z','2026-11-22T02:06:45.156Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','07ed51f5-ebc4-497d-b3e1-8c699dcbcfd2',3);
INSERT INTO attempts VALUES(1,'spool',1,'2026-11-22T02:06:45.152Z','2026-11-22T02:06:45.157Z',5,'delivered',NULL,NULL,NULL,3);
INSERT INTO attempts VALUES(2,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(2,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(3,'ats',1,'2026-11-22T02:06:45.159Z','2026-11-22T02:06:45.159Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','c423f223-2d8f-46d7-8e8f-52bc8bf4c917',3);
INSERT INTO attempts VALUES(3,'spool',1,'2026-11-22T02:06:45.174Z','2026-11-22T02:06:45.176Z',1,'delivered',NULL,NULL,NULL,2);
INSERT INTO attempts VALUES(4,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(4,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(5,'ats',1,'2026-11-22T02:06:45.159Z','2026-11-22T02:06:45.159Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','5f1bbc6d-1c72-4aa4-a4fa-8dea82bf2fc0',2);
INSERT INTO attempts VALUES(5,'spool',1,'2026-11-22T02:06:45.178Z','2026-11-22T02:06:45.180Z',2,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(6,'ats',1,'2026-11-22T02:06:45.155Z','2026-11-22T02:06:45.156Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','07ed51f5-ebc4-497d-b3e1-8c699dcbcfd2',3);
INSERT INTO attempts VALUES(6,'spool',1,'2026-11-22T02:06:45.152Z','2026-11-22T02:06:45.157Z',5,'delivered',NULL,NULL,NULL,3);
INSERT INTO attempts VALUES(7,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(7,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(8,'ats',1,'2026-11-22T02:06:45.159Z','2026-11-22T02:06:45.159Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','c423f223-2d8f-46d7-8e8f-52bc8bf4c917',3);
INSERT INTO attempts VALUES(8,'spool',1,'2026-11-22T02:06:45.174Z','2026-11-22T02:06:45.176Z',1,'delivered',NULL,NULL,NULL,2);
INSERT INTO attempts VALUES(9,'ats',1,'2026-11-22T02:06:50.429Z','2026-11-22T02:06:50.429Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','7d61af48-72b3-4022-96a4-5fff82b3d901',4);
INSERT INTO attempts VALUES(9,'spool',1,'2026-11-22T02:06:45.183Z','2026-11-22T02:06:45.184Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(11,'ats',1,'2026-11-22T02:06:45.155Z','2026-11-22T02:06:45.156Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','07ed51f5-ebc4-497d-b3e1-8c699dcbcfd2',3);
INSERT INTO attempts VALUES(11,'spool',1,'2026-11-22T02:06:45.152Z','2026-11-22T02:06:45.157Z',5,'delivered',NULL,NULL,NULL,3);
INSERT INTO attempts VALUES(12,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(12,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(13,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(13,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(14,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(14,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(15,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(15,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(16,'spool',1,'2026-11-22T02:06:45.186Z','2026-11-22T02:06:45.188Z',2,'delivered',NULL,NULL,NULL,2);
INSERT INTO attempts VALUES(17,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(17,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(18,'spool',1,'2026-11-22T02:06:45.186Z','2026-11-22T02:06:45.188Z',2,'delivered',NULL,NULL,NULL,2);
INSERT INTO attempts VALUES(19,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(19,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(20,'ats',1,'2026-11-22T02:06:45.156Z','2026-11-22T02:06:45.159Z',2,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','bab3695e-7e30-4ea1-90a4-9cbe4a2d281b',10);
INSERT INTO attempts VALUES(20,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(21,'spool',1,'2026-11-22T02:06:45.160Z','2026-11-22T02:06:45.170Z',9,'delivered',NULL,NULL,NULL,11);
INSERT INTO attempts VALUES(22,'spool',1,'2026-11-22T02:06:45.194Z','2026-11-22T02:06:45.202Z',7,'delivered',NULL,NULL,NULL,4);
INSERT INTO attempts VALUES(23,'ats',1,'2026-11-22T02:06:50.429Z','2026-11-22T02:06:50.429Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','7d61af48-72b3-4022-96a4-5fff82b3d901',4);
INSERT INTO attempts VALUES(23,'spool',1,'2026-11-22T02:06:45.205Z','2026-11-22T02:06:45.209Z',4,'delivered',NULL,NULL,NULL,3);
INSERT INTO attempts VALUES(24,'ats',1,'2026-11-22T02:06:45.159Z','2026-11-22T02:06:45.159Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','c423f223-2d8f-46d7-8e8f-52bc8bf4c917',3);
INSERT INTO attempts VALUES(24,'spool',1,'2026-11-22T02:06:45.211Z','2026-11-22T02:06:45.212Z',0,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(25,'ats',1,'2026-11-22T02:06:50.429Z','2026-11-22T02:06:50.429Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','7d61af48-72b3-4022-96a4-5fff82b3d901',4);
INSERT INTO attempts VALUES(25,'spool',1,'2026-11-22T02:06:45.205Z','2026-11-22T02:06:45.209Z',4,'delivered',NULL,NULL,NULL,3);
INSERT INTO attempts VALUES(26,'spool',1,'2026-11-22T02:06:45.194Z','2026-11-22T02:06:45.202Z',7,'delivered',NULL,NULL,NULL,4);
INSERT INTO attempts VALUES(27,'ats',1,'2026-11-22T02:06:45.159Z','2026-11-22T02:06:45.159Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','5f1bbc6d-1c72-4aa4-a4fa-8dea82bf2fc0',2);
INSERT INTO attempts VALUES(27,'spool',1,'2026-11-22T02:06:45.213Z','2026-11-22T02:06:45.214Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(28,'spool',1,'2026-11-22T02:06:45.215Z','2026-11-22T02:06:45.216Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(29,'spool',1,'2026-11-22T02:06:45.194Z','2026-11-22T02:06:45.202Z',7,'delivered',NULL,NULL,NULL,4);
INSERT INTO attempts VALUES(30,'ats',1,'2026-11-22T02:06:50.429Z','2026-11-22T02:06:50.429Z',0,'retry',NULL,'dial tcp 127.0.0.1:9999: connect: connection refused','7d61af48-72b3-4022-96a4-5fff82b3d901',4);
INSERT INTO attempts VALUES(30,'spool',1,'2026-11-22T02:06:45.205Z','2026-11-22T02:06:45.209Z',4,'delivered',NULL,NULL,NULL,3);
INSERT INTO attempts VALUES(31,'spool',1,'2026-11-22T02:06:45.194Z','2026-11-22T02:06:45.202Z',7,'delivered',NULL,NULL,NULL,4);
INSERT INTO attempts VALUES(32,'spool',1,'2026-11-22T02:06:47.180Z','2026-11-22T02:06:47.182Z',2,'delivered',NULL,NULL,NULL,2);
INSERT INTO attempts VALUES(33,'spool',1,'2026-11-22T02:06:47.180Z','2026-11-22T02:06:47.182Z',2,'delivered',NULL,NULL,NULL,2);
INSERT INTO attempts VALUES(34,'spool',1,'2026-11-22T02:06:49.207Z','2026-11-22T02:06:49.208Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(35,'spool',1,'2026-11-22T02:06:49.210Z','2026-11-22T02:06:49.212Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(36,'spool',1,'2026-11-22T02:06:51.238Z','2026-11-22T02:06:51.240Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(37,'spool',1,'2026-11-22T02:06:51.247Z','2026-11-22T02:06:51.249Z',2,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(38,'spool',1,'2026-11-22T02:06:53.262Z','2026-11-22T02:06:53.264Z',1,'delivered',NULL,NULL,NULL,1);
INSERT INTO attempts VALUES(39,'spool',1,'2026-11-22T02:06:53.265Z','2026-11-22T02:06:53.267Z',1,'delivered',NULL,NULL,NULL,1);
CREATE TABLE actions (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  at       TEXT NOT NULL,
  actor    TEXT NOT NULL,
  verb     TEXT NOT NULL,
  reason   TEXT NOT NULL,
  selector TEXT,
  rows     INTEGER NOT NULL,
  undo     TEXT
) STRICT;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('cursors',1);
INSERT INTO sqlite_sequence VALUES('queries',5);
INSERT INTO sqlite_sequence VALUES('events',39);
CREATE UNIQUE INDEX cursors_live ON cursors (stream) WHERE kind = 'live' AND ended_at IS NULL;
CREATE INDEX queries_cursor ON queries (cursor_id, id);
CREATE INDEX queries_begun ON queries (cursor_id, cursor_before, id) WHERE outcome = 'answered';
CREATE INDEX queries_complete ON queries (cursor_id, id) WHERE more = 0;
CREATE INDEX events_missing ON events (seq) WHERE type = 'missing';
CREATE INDEX outbox_due ON outbox (destination, due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (destination, seq) WHERE dead_at IS NOT NULL;
CREATE VIEW deliveries AS
SELECT o.seq, e.id AS event, e.stream, e.type, o.destination,
       CASE
         WHEN o.delivered_at IS NOT NULL THEN 'delivered'
         WHEN o.dead_at IS NOT NULL THEN 'dead'
         WHEN d.state <> 'active' THEN 'parked'
         WHEN o.attempts = o.spent THEN 'pending'
         ELSE 'retrying'
       END AS state,
       o.due_at, o.attempts, o.refusals, o.created_at, o.first_attempt_at, o.delivered_at, o.dead_at, o.last_status, o.last_detail
FROM outbox o
JOIN events e ON e.seq = o.seq
JOIN destinations d ON d.name = o.destination;
CREATE VIEW dead_letters AS
SELECT o.seq, e.id AS event, e.stream, e.type, o.destination, o.dead_at, o.attempts, o.last_status, o.last_detail
FROM outbox o
JOIN events e ON e.seq = o.seq
WHERE o.dead_at IS NOT NULL;
CREATE VIEW gaps AS
SELECT a.cursor_id, c.stream, a.query_id, a.expected, a.found
FROM (
  SELECT cursor_id, id AS query_id, cursor_before AS found,
         lag(cursor_after) OVER (PARTITION BY cursor_id ORDER BY id) AS expected
  FROM queries
  WHERE outcome = 'answered'
) a
JOIN cursors c ON c.id = a.cursor_id
WHERE a.found IS NOT a.expected
UNION ALL
SELECT c.id, c.stream, NULL, l.expected, c.position
FROM (
  SELECT id, stream, position,
         (SELECT max(q.id) FROM queries q WHERE q.cursor_id = cursors.id AND q.outcome = 'answered') AS last_id
  FROM cursors
) c
LEFT JOIN (SELECT id, cursor_after AS expected FROM queries) l ON l.id = c.last_id
WHERE c.position IS NOT l.expected;
CREATE VIEW hurries AS
SELECT id AS query_id, previous_id, request_id, sent_at, waited_ms, required_ms
FROM (
  SELECT id, previous_id, request_id, sent_at,
         max(interval_ms, previous_retry_after_ms) AS required_ms,
         CASE
           WHEN boot_id = previous_boot_id THEN sent_boot_ms - coalesce(previous_ended_boot_ms, previous_sent_boot_ms + previous_timeout_ms)
           WHEN previous_ended_boot_ms IS NULL THEN sent_boot_ms - started_boot_ms - previous_timeout_ms
           ELSE sent_boot_ms - started_boot_ms
         END AS waited_ms
  FROM (
    SELECT id, request_id, sent_at, interval_ms, sent_boot_ms, started_boot_ms, boot_id,
           lag(id) OVER w AS previous_id,
           lag(boot_id) OVER w AS previous_boot_id,
           lag(sent_boot_ms) OVER w AS previous_sent_boot_ms,
           lag(ended_boot_ms) OVER w AS previous_ended_boot_ms,
           lag(timeout_ms) OVER w AS previous_timeout_ms,
           lag(retry_after_ms) OVER w AS previous_retry_after_ms
    FROM queries
    WINDOW w AS (ORDER BY id)
  )
)
WHERE previous_id IS NOT NULL
  AND waited_ms < required_ms;
COMMIT;
