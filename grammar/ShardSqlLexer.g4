// The tokens of ShardSql. Keywords ignore case; which of them may also be names is decided in the parser grammar.
lexer grammar ShardSqlLexer;

options {
    caseInsensitive = true;
}

// Keywords that are never names unless quoted.
ALL : 'ALL';
AND : 'AND';
ANY : 'ANY';
AS : 'AS';
ASC : 'ASC';
BETWEEN : 'BETWEEN';
CASE : 'CASE';
CAST : 'CAST';
CHECK : 'CHECK';
COLLATE : 'COLLATE';
CONSTRAINT : 'CONSTRAINT';
CREATE : 'CREATE';
CROSS : 'CROSS';
DEFAULT : 'DEFAULT';
DELETE : 'DELETE';
DESC : 'DESC';
DISTINCT : 'DISTINCT';
DROP : 'DROP';
ELSE : 'ELSE';
END : 'END';
EXCEPT : 'EXCEPT';
EXISTS : 'EXISTS';
FALSE : 'FALSE';
FETCH : 'FETCH';
FOR : 'FOR';
FOREIGN : 'FOREIGN';
FROM : 'FROM';
FULL : 'FULL';
GROUP : 'GROUP';
HAVING : 'HAVING';
ILIKE : 'ILIKE';
IN : 'IN';
INNER : 'INNER';
INSERT : 'INSERT';
INTERSECT : 'INTERSECT';
INTO : 'INTO';
IS : 'IS';
JOIN : 'JOIN';
LEFT : 'LEFT';
LIKE : 'LIKE';
LIMIT : 'LIMIT';
NATURAL : 'NATURAL';
NOT : 'NOT';
NULL : 'NULL';
OFFSET : 'OFFSET';
ON : 'ON';
OR : 'OR';
ORDER : 'ORDER';
OUTER : 'OUTER';
PRIMARY : 'PRIMARY';
REFERENCES : 'REFERENCES';
RETURNING : 'RETURNING';
RIGHT : 'RIGHT';
SELECT : 'SELECT';
SET : 'SET';
TABLE : 'TABLE';
THEN : 'THEN';
TRUE : 'TRUE';
UNION : 'UNION';
UNIQUE : 'UNIQUE';
UPDATE : 'UPDATE';
USING : 'USING';
VALUES : 'VALUES';
WHEN : 'WHEN';
WHERE : 'WHERE';
WINDOW : 'WINDOW';
WITH : 'WITH';

// Keywords that are also names.
ABORT : 'ABORT';
ANALYZE : 'ANALYZE';
AT : 'AT';
BEGIN : 'BEGIN';
BY : 'BY';
CLUSTER : 'CLUSTER';
COLOCATED : 'COLOCATED';
COMMIT : 'COMMIT';
COMMITTED : 'COMMITTED';
ESCAPE : 'ESCAPE';
EXPLAIN : 'EXPLAIN';
EXTRACT : 'EXTRACT';
FIRST : 'FIRST';
HASH : 'HASH';
IF : 'IF';
ISOLATION : 'ISOLATION';
JSON : 'JSON';
KEY : 'KEY';
LAST : 'LAST';
LEVEL : 'LEVEL';
NEXT : 'NEXT';
NODES : 'NODES';
NULLS : 'NULLS';
OF : 'OF';
ONLY : 'ONLY';
POSITION : 'POSITION';
PRECISION : 'PRECISION';
RANGE : 'RANGE';
READ : 'READ';
REFERENCE : 'REFERENCE';
RELEASE : 'RELEASE';
REPEATABLE : 'REPEATABLE';
ROLLBACK : 'ROLLBACK';
ROW : 'ROW';
ROWS : 'ROWS';
SAVEPOINT : 'SAVEPOINT';
SEGMENTS : 'SEGMENTS';
SERIALIZABLE : 'SERIALIZABLE';
SHARD : 'SHARD';
SHARDS : 'SHARDS';
SHOW : 'SHOW';
SINGLE : 'SINGLE';
SNAPSHOT : 'SNAPSHOT';
SPLIT : 'SPLIT';
START : 'START';
STRICT : 'STRICT';
SUBSTRING : 'SUBSTRING';
TABLES : 'TABLES';
TEXT : 'TEXT';
TIME : 'TIME';
TO : 'TO';
TRANSACTION : 'TRANSACTION';
TRIM : 'TRIM';
UNCOMMITTED : 'UNCOMMITTED';
UNKNOWN : 'UNKNOWN';
WITHOUT : 'WITHOUT';
WORK : 'WORK';
WRITE : 'WRITE';
ZONE : 'ZONE';
BOTH : 'BOTH';
LEADING : 'LEADING';
TRAILING : 'TRAILING';

// Operators and punctuation.
DOUBLE_COLON : '::';
CONCAT : '||';
LESS_EQUAL : '<=';
GREATER_EQUAL : '>=';
NOT_EQUAL : '<>' | '!=';
LESS : '<';
GREATER : '>';
EQUAL : '=';
PLUS : '+';
MINUS : '-';
STAR : '*';
SLASH : '/';
PERCENT : '%';
COMMA : ',';
DOT : '.';
LEFT_PAREN : '(';
RIGHT_PAREN : ')';
SEMICOLON : ';';

// Literals. A text runs over doubled quotes; E'' also knows backslash escapes; X'' is bytes.
STRING : '\'' (~['] | '\'\'')* '\'';
ESCAPE_STRING : 'E\'' (~['\\] | '\'\'' | '\\' .)* '\'';
BYTES_STRING : 'X\'' ~[']* '\'';
INTEGER_NUMBER : DIGIT+;
DECIMAL_NUMBER : DIGIT+ '.' DIGIT* EXPONENT? | '.' DIGIT+ EXPONENT? | DIGIT+ EXPONENT;

// Names. An unquoted one folds to lower case.
IDENTIFIER : NAME_START NAME_PART*;
QUOTED_IDENTIFIER : '"' (~["] | '""')* '"';
BRACKET_IDENTIFIER : '[' ~[\]]* ']';
PARAMETER : '@' NAME_PART+;

LINE_COMMENT : '--' ~[\r\n]* -> skip;
BLOCK_COMMENT : '/*' .*? '*/' -> skip;
WHITESPACE : [ \t\r\n\f\u000B\u00A0\uFEFF]+ -> skip;

// What no rule of the parser takes: it makes the error message say what is wrong.
UNTERMINATED_STRING : ['] (~['] | '\'\'')*;
UNTERMINATED_IDENTIFIER : '"' (~["] | '""')* | '[' ~[\]]*;
UNTERMINATED_COMMENT : '/*' .*?;
NUMBER_WITH_LETTERS : DIGIT+ NAME_START NAME_PART*;
UNEXPECTED : .;

fragment DIGIT : [0-9];
fragment EXPONENT : 'E' [+\-]? DIGIT+;
fragment NAME_START : [\p{L}\p{Nl}_];
fragment NAME_PART : [\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}_$#];
