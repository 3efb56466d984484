CREATE TABLE goods (code varchar(5), place integer, price decimal(10,2) NOT NULL, PRIMARY KEY (code, place))
  SHARD BY RANGE (code) SPLIT AT VALUES ('m');
\d
\dt
\d goods
\d Goods
\d "Goods"
\format csv
\d goods
\format nonsense
\format table
\x maybe
\nonsense
SELECT 1,
\r
SELECT 2 AS second;
\?
DROP TABLE goods;
\d
