// The statements of ShardSql. What is recognised only to be refused with a clear 0A000 is marked so; the statement
// builder refuses it.
parser grammar ShardSqlParser;

options {
    tokenVocab = ShardSqlLexer;
}

batch
    : SEMICOLON* (statement (SEMICOLON+ statement)* SEMICOLON*)? EOF
    ;

statement
    : explainStatement
    | explainable
    | beginStatement
    | commitStatement
    | rollbackStatement
    | savepointStatement
    | releaseStatement
    | showStatement
    | setStatement
    | jobStatement
    | segmentStatement
    | planStatement
    | clusterStatement
    | mergeSpilloverStatement
    | resolveStatement
    | transferStatement
    | layoutStatement
    | nodeStatement
    ;

explainable
    : selectStatement
    | insertStatement
    | updateStatement
    | deleteStatement
    | createTableStatement
    | dropTableStatement
    | createViewStatement
    | dropViewStatement
    | alterTableStatement
    | createIndexStatement
    | dropIndexStatement
    | createSequenceStatement
    | alterSequenceStatement
    | dropSequenceStatement
    ;

explainStatement
    : EXPLAIN (ANALYZE COMMIT?)? (LEFT_PAREN identifier (COMMA identifier)* RIGHT_PAREN)? (explainable | showStatement | segmentStatement | layoutStatement)
    | EXPLAIN TRANSACTION LEFT_PAREN explainable (SEMICOLON+ explainable)* SEMICOLON* RIGHT_PAREN
    ;

// Transactions and settings

beginStatement
    : (BEGIN (TRANSACTION | WORK)? | START TRANSACTION) (transactionMode (COMMA? transactionMode)*)?
    ;

commitStatement
    : (COMMIT | END) (TRANSACTION | WORK)?
    ;

rollbackStatement
    : (ROLLBACK | ABORT) (TRANSACTION | WORK)? (TO SAVEPOINT? identifier)?
    ;

savepointStatement
    : SAVEPOINT identifier
    ;

releaseStatement
    : RELEASE SAVEPOINT? identifier
    ;

transactionMode
    : READ ONLY
    | READ WRITE
    | ISOLATION LEVEL isolationLevel
    | AS OF STRING
    | TYPE STRING
    ;

isolationLevel
    : READ UNCOMMITTED
    | READ COMMITTED
    | REPEATABLE READ
    | SNAPSHOT
    | STRICT? SERIALIZABLE
    ;

setStatement
    : SET TRANSACTION transactionMode (COMMA? transactionMode)*
    | SET identifier (DOT identifier)* (EQUAL | TO) (expression | DEFAULT | ON)
    ;

// KEY after a table is of SHOW SPILLOVER: refused elsewhere.
showStatement
    : SHOW JOB jobId STEPS?
    | SHOW CREATE (TABLE | VIEW | SEQUENCE) tableName
    | SHOW SEGMENT FOR ROW tableName KEY row
    | SHOW FOREIGN? identifier+ (IN identifier)? ((FROM TABLE | FOR TABLE?) tableName (KEY row)?)? (WITH DETAILS)? where? (ORDER BY orderItem (COMMA orderItem)*)? limitClause*
    ;

jobStatement
    : WAIT JOB jobId (TIMEOUT operand)?
    | CANCEL JOB jobId
    | PAUSE JOB jobId
    | RESUME JOB jobId
    | REVERT JOB jobId
    | RETRY JOB jobId
    | ALTER JOB jobId SET LEFT_PAREN option (COMMA option)* RIGHT_PAREN
    ;

// What EXPLAIN of a job has planned.

planStatement
    : EXECUTE PLAN segmentName options?
    | DROP PLAN (IF EXISTS)? segmentName
    ;

resolveStatement
    : RESOLVE TRANSACTION (STRING | PARAMETER)
    ;

// Who leads a shard's group.

transferStatement
    : TRANSFER LEADER OF SHARD segmentName TO NODE segmentName
    ;

// Where shards have their replicas; each statement is a job.

layoutStatement
    : ALTER SHARD segmentName (ADD | REMOVE) REPLICA ON segmentName options?
    | CREATE SHARD (IF NOT EXISTS)? segmentName ON NODES LEFT_PAREN segmentName (COMMA segmentName)* RIGHT_PAREN options?
    | DROP SHARD (IF EXISTS)? segmentName options?
    | DRAIN NODE segmentName options?
    ;

// The nodes of the cluster: done at once.

nodeStatement
    : ADD NODE segmentName AT segmentName
    | REMOVE NODE segmentName FORCE?
    ;

// Settings that all gateways follow.

clusterStatement
    : ALTER CLUSTER SET LEFT_PAREN option (COMMA option)* RIGHT_PAREN
    ;

// What spillover put beside the rows is added to them: a job.

mergeSpilloverStatement
    : MERGE SPILLOVER FOR TABLE tableName (KEY row)?
    ;

// Segments of the shard map; each statement is a job.

segmentStatement
    : MOVE SEGMENT segmentName TO SHARD segmentName options?
    | MOVE SEGMENTS FROM tableName where? TO SHARD segmentName options?
    | MOVE ROWS OF tableName keyRows TO SHARD segmentName options?
    | SPLIT SEGMENT segmentName (AT (row | MIDPOINT | LOAD))? options?
    | SPLIT TABLE tableName (AT VALUES row (COMMA row)* | INTO count) options?
    | MERGE SEGMENTS segmentName (COMMA segmentName)+ options?
    | ALTER TABLE tableName SET placement options?
    | RESHARD (ALL | TABLE tableName (COMMA tableName)*) BY reshardGoal options?
    ;

// GRAPH, LOAD, SIZE; the rest is refused with what there is instead.

reshardGoal
    : identifier (OVER LAST operand | INTO operand)?
    ;

keyRows
    : KEYS LEFT_PAREN row (COMMA row)* RIGHT_PAREN
    ;

segmentName
    : INTEGER_NUMBER
    | STRING
    | PARAMETER
    | identifier
    ;

jobId
    : INTEGER_NUMBER
    | PARAMETER
    ;

count
    : INTEGER_NUMBER
    | PARAMETER
    ;

// Tables

createTableStatement
    : CREATE TABLE (IF NOT EXISTS)? tableName LEFT_PAREN tableElement (COMMA tableElement)* RIGHT_PAREN placement?
    ;

tableElement
    : columnDefinition
    | tableConstraint
    ;

columnDefinition
    : identifier typeName columnConstraint*
    ;

// COLLATE: refused.
columnConstraint
    : (CONSTRAINT identifier)? (
        NOT NULL
        | NULL
        | DEFAULT operand
        | PRIMARY KEY
        | CHECK LEFT_PAREN expression RIGHT_PAREN
        | UNIQUE
        | reference
        | identity
        | COLLATE identifier
    )
    ;

identity
    : GENERATED (ALWAYS | BY DEFAULT) AS IDENTITY (LEFT_PAREN sequenceOption+ RIGHT_PAREN)?
    ;

tableConstraint
    : (CONSTRAINT identifier)? (
        PRIMARY KEY columnList
        | CHECK LEFT_PAREN expression RIGHT_PAREN
        | UNIQUE columnList
        | FOREIGN KEY columnList reference
    )
    ;

// MATCH PARTIAL, DEFERRABLE, columns of SET NULL and SET DEFAULT: refused.
reference
    : REFERENCES tableName columnList? (MATCH (FULL | PARTIAL | SIMPLE))? referenceAction* constraintTime*
    ;

referenceAction
    : ON (DELETE | UPDATE) (NO ACTION | RESTRICT | CASCADE | SET (NULL | DEFAULT) columnList?)
    ;

constraintTime
    : NOT? DEFERRABLE
    | INITIALLY (DEFERRED | IMMEDIATE)
    ;

placement
    : SHARD BY HASH columnList (INTO INTEGER_NUMBER SEGMENTS)?         # hashPlacement
    | SHARD BY RANGE columnList (SPLIT AT VALUES row (COMMA row)*)?     # rangePlacement
    | COLOCATED WITH tableName (ON columnList)?                         # colocatedPlacement
    | REFERENCE                                                         # referencePlacement
    | SINGLE (ON SHARD INTEGER_NUMBER)?                                 # singlePlacement
    ;

dropTableStatement
    : DROP TABLE (IF EXISTS)? tableName (COMMA tableName)*
    ;

alterTableStatement
    : ALTER TABLE (IF EXISTS)? tableName alterAction (COMMA alterAction)*
    ;

// ADD of a primary key: refused; so is an action of SPILLOVER that is not the only one.
alterAction
    : ADD tableConstraint                                               # addConstraintAction
    | ADD COLUMN? (IF NOT EXISTS)? columnDefinition                     # addColumnAction
    | DROP CONSTRAINT (IF EXISTS)? identifier                           # dropConstraintAction
    | DROP COLUMN? (IF EXISTS)? columnName                              # dropColumnAction
    | RENAME TO identifier                                              # renameTableAction
    | RENAME COLUMN? columnName TO columnName                           # renameColumnAction
    | ALTER COLUMN? columnName (SET DEFAULT operand | DROP DEFAULT)     # defaultAction
    | ALTER COLUMN? columnName (SET | DROP) NOT NULL                    # notNullAction
    | ENABLE SPILLOVER ON columnList (FOR keyRows)? options?            # enableSpilloverAction
    | ALTER SPILLOVER (ON columnList)? (FOR keyRows)? options?          # alterSpilloverAction
    | DISABLE SPILLOVER                                                 # disableSpilloverAction
    ;

createViewStatement
    : CREATE VIEW (IF NOT EXISTS)? tableName columnList? AS selectStatement
    ;

dropViewStatement
    : DROP VIEW (IF EXISTS)? tableName (COMMA tableName)*
    ;

createIndexStatement
    : CREATE UNIQUE? INDEX (IF NOT EXISTS)? identifier? ON tableName
      LEFT_PAREN indexColumn (COMMA indexColumn)* RIGHT_PAREN (LOCAL | GLOBAL)? (STORING columnList)? options?
    ;

// An index is read upwards; a direction is accepted and means nothing.
indexColumn
    : columnName (ASC | DESC)?
    ;

dropIndexStatement
    : DROP INDEX (IF EXISTS)? tableName (COMMA tableName)*
    ;

// Sequences

createSequenceStatement
    : CREATE SEQUENCE (IF NOT EXISTS)? tableName sequenceOption*
    ;

alterSequenceStatement
    : ALTER SEQUENCE (IF EXISTS)? tableName (RENAME TO identifier | alterSequenceOption+)
    ;

alterSequenceOption
    : RESTART (WITH? signedInteger)?
    | sequenceOption
    ;

dropSequenceStatement
    : DROP SEQUENCE (IF EXISTS)? tableName (COMMA tableName)*
    ;

sequenceOption
    : AS identifier
    | START WITH? signedInteger
    | INCREMENT BY? signedInteger
    | (MINVALUE | MAXVALUE) signedInteger
    | NO (MINVALUE | MAXVALUE | CYCLE)
    | CACHE signedInteger
    | CYCLE
    | OWNED BY columnReference
    | SEQUENCE identifier tableName
    ;

signedInteger
    : (PLUS | MINUS)? INTEGER_NUMBER
    ;

options
    : WITH LEFT_PAREN option (COMMA option)* RIGHT_PAREN
    ;

option
    : identifier EQUAL operand
    ;

// Rows

// VALUES is a query too, so that there is one way to read a long list of rows.
insertStatement
    : withClause? INSERT INTO? tableName tableAlias? columnList? (OVERRIDING (SYSTEM | USER) VALUE)? insertSource
      onConflict? returning?
    ;

insertSource
    : DEFAULT VALUES
    | selectStatement
    ;

onConflict
    : ON CONFLICT conflictTarget? DO (NOTHING | UPDATE SET assignment (COMMA assignment)* where?)
    ;

conflictTarget
    : columnList
    | ON CONSTRAINT identifier
    ;

row
    : LEFT_PAREN rowValue (COMMA rowValue)* RIGHT_PAREN
    ;

rowValue
    : DEFAULT
    | expression
    ;

updateStatement
    : withClause? UPDATE tableName tableAlias? SET assignment (COMMA assignment)* fromClause? where? returning?
    ;

assignment
    : columnName EQUAL rowValue
    | columnList EQUAL ROW? LEFT_PAREN rowValue (COMMA rowValue)* RIGHT_PAREN
    ;

deleteStatement
    : withClause? DELETE FROM? tableName tableAlias? (USING tableReference (COMMA tableReference)*)? where? returning?
    ;

returning
    : RETURNING selectItem (COMMA selectItem)*
    ;

selectStatement
    : withClause? queryExpression (ORDER BY orderItem (COMMA orderItem)*)? limitClause* (FOR UPDATE)?
    ;

withClause
    : WITH RECURSIVE? commonTable (COMMA commonTable)*
    ;

commonTable
    : identifier columnList? AS LEFT_PAREN selectStatement RIGHT_PAREN
    ;

queryExpression
    : queryExpression INTERSECT (ALL | DISTINCT)? queryExpression               # intersectQuery
    | queryExpression (UNION | EXCEPT) (ALL | DISTINCT)? queryExpression        # unionQuery
    | selectCore                                                                # coreQuery
    | VALUES row (COMMA row)*                                                   # valuesQuery
    | LEFT_PAREN selectStatement RIGHT_PAREN                                    # nestedQuery
    ;

// ROLLUP and CUBE in GROUP BY: refused.
selectCore
    : SELECT (ALL | DISTINCT distinctOn?)? selectItem (COMMA selectItem)*
      fromClause? where?
      (GROUP BY expression (COMMA expression)*)? having?
      (WINDOW namedWindow (COMMA namedWindow)*)?
    ;

distinctOn
    : ON LEFT_PAREN expression (COMMA expression)* RIGHT_PAREN
    ;

fromClause
    : FROM tableReference (COMMA tableReference)*
    ;

having
    : HAVING expression
    ;

namedWindow
    : identifier AS LEFT_PAREN windowSpecification RIGHT_PAREN
    ;

selectItem
    : STAR                                      # allColumns
    | identifier DOT STAR                       # tableColumns
    | expression (AS label | identifier)?       # expressionItem
    ;

tableReference
    : tablePrimary joinedTable*
    ;

tablePrimary
    : tableName tableAlias?                                         # namedTable
    | LEFT_PAREN selectStatement RIGHT_PAREN tableAlias?            # queryTable
    | LEFT_PAREN tableReference RIGHT_PAREN                         # joinTable
    ;

joinedTable
    : NATURAL? (CROSS | INNER | (LEFT | RIGHT | FULL) OUTER?)? JOIN tablePrimary (ON expression | USING columnList)?
    ;

tableAlias
    : AS? identifier columnList?
    ;

where
    : WHERE expression
    ;

orderItem
    : expression (ASC | DESC)? (NULLS (FIRST | LAST))?
    ;

limitClause
    : LIMIT (ALL | operand)
    | OFFSET operand (ROW | ROWS)?
    | FETCH (FIRST | NEXT) operand? (ROW | ROWS) ONLY
    ;

// Expressions: what is true or false, then operands.

expression
    : NOT expression                            # notExpression
    | expression AND expression                 # andExpression
    | expression OR expression                  # orExpression
    | predicate                                 # predicateExpression
    ;

predicate
    : comparison isTest*
    ;

isTest
    : IS NOT? (NULL | TRUE | FALSE | UNKNOWN)
    | IS NOT? DISTINCT FROM comparison
    ;

comparison
    : test (comparisonOperator test)?
    ;

comparisonOperator
    : EQUAL
    | NOT_EQUAL
    | LESS
    | LESS_EQUAL
    | GREATER
    | GREATER_EQUAL
    ;

test
    : operand testTail?
    ;

testTail
    : NOT? BETWEEN operand AND operand                                                              # betweenTail
    | NOT? IN LEFT_PAREN (selectStatement | expression (COMMA expression)*) RIGHT_PAREN             # inTail
    | NOT? (LIKE | ILIKE) operand (ESCAPE operand)?                                                 # likeTail
    ;

operand
    : primary                                               # primaryOperand
    | operand DOUBLE_COLON typeName                         # castOperand
    | (PLUS | MINUS) operand                                # signOperand
    | operand (STAR | SLASH | PERCENT) operand              # productOperand
    | operand (PLUS | MINUS) operand                        # sumOperand
    | operand CONCAT operand                                # concatOperand
    ;

primary
    : literal                                                                           # literalPrimary
    | PARAMETER                                                                         # parameterPrimary
    | functionCall                                                                      # functionPrimary
    | columnReference                                                                   # columnPrimary
    | ROW? LEFT_PAREN expression (COMMA expression)* RIGHT_PAREN                        # parenthesisPrimary
    | CASE expression? (WHEN expression THEN expression)+ (ELSE expression)? END        # casePrimary
    | CAST LEFT_PAREN expression AS typeName RIGHT_PAREN                                # castPrimary
    | (EXISTS | ANY | ALL)? LEFT_PAREN selectStatement RIGHT_PAREN                      # queryPrimary
    | (ANY | ALL) LEFT_PAREN expression RIGHT_PAREN                                     # quantifiedPrimary
    ;

literal
    : NULL                                      # nullLiteral
    | (TRUE | FALSE)                            # booleanLiteral
    | INTEGER_NUMBER                            # integerLiteral
    | DECIMAL_NUMBER                            # decimalLiteral
    | (STRING | ESCAPE_STRING)                  # textLiteral
    | BYTES_STRING                              # bytesLiteral
    | identifier PRECISION? STRING              # typedLiteral
    ;

functionCall
    : EXTRACT LEFT_PAREN identifier FROM operand RIGHT_PAREN                                    # extractCall
    | POSITION LEFT_PAREN operand IN operand RIGHT_PAREN                                        # positionCall
    | SUBSTRING LEFT_PAREN operand FROM operand (FOR operand)? RIGHT_PAREN                      # substringCall
    | TRIM LEFT_PAREN (BOTH | LEADING | TRAILING)? operand? FROM operand RIGHT_PAREN            # trimCall
    | functionName LEFT_PAREN STAR RIGHT_PAREN filter? over?                                    # starCall
    | functionName LEFT_PAREN ((ALL | DISTINCT)? expression (COMMA expression)* aggregateOrder?)? RIGHT_PAREN filter? over? # plainCall
    ;

aggregateOrder
    : ORDER BY orderItem (COMMA orderItem)*
    ;

filter
    : FILTER LEFT_PAREN WHERE expression RIGHT_PAREN
    ;

over
    : OVER (identifier | LEFT_PAREN windowSpecification RIGHT_PAREN)
    ;

windowSpecification
    : (PARTITION BY expression (COMMA expression)*)? (ORDER BY orderItem (COMMA orderItem)*)? frame?
    ;

frame
    : (ROWS | RANGE) (frameBound | BETWEEN frameBound AND frameBound)
    ;

frameBound
    : UNBOUNDED (PRECEDING | FOLLOWING)
    | CURRENT ROW
    | operand (PRECEDING | FOLLOWING)
    ;

functionName
    : identifier
    | LEFT
    | RIGHT
    ;

columnReference
    : identifier (DOT label (DOT label)?)?
    ;

typeName
    : identifier (PRECISION | identifier)? (LEFT_PAREN INTEGER_NUMBER (COMMA INTEGER_NUMBER)? RIGHT_PAREN)?
      ((WITH | WITHOUT) TIME ZONE)?
    ;

// Names

tableName
    : identifier (DOT label)?
    ;

columnName
    : identifier
    ;

columnList
    : LEFT_PAREN columnName (COMMA columnName)* RIGHT_PAREN
    ;

// A name where only a name can stand: any word.
label
    : identifier
    | reservedWord
    ;

identifier
    : IDENTIFIER
    | QUOTED_IDENTIFIER
    | BRACKET_IDENTIFIER
    | freeWord
    ;

freeWord
    : ABORT | ACTION | ADD | ALTER | ALWAYS | ANALYZE | AT | BEGIN | BY | CACHE | CANCEL | CASCADE | CLUSTER
    | COLOCATED | COLUMN | COMMIT | COMMITTED | CONFLICT | CURRENT | CYCLE | DEFERRABLE | DEFERRED | DETAILS
    | DISABLE | DO | DRAIN | ENABLE | ESCAPE | EXECUTE | EXPLAIN | EXTRACT | FILTER | FIRST | FOLLOWING | FORCE
    | GENERATED | GLOBAL | HASH
    | IDENTITY | IF | IMMEDIATE | INCREMENT | INDEX | INITIALLY | ISOLATION | JOB | JSON | KEY | KEYS | LAST
    | LEADER | LEVEL | LOAD | LOCAL | MATCH | MAXVALUE | MERGE | MIDPOINT | MINVALUE | MOVE | NEXT | NO | NODE | NODES | NOTHING
    | NULLS | OF | ONLY | OVER | OVERRIDING | OWNED | PARTIAL | PARTITION | PAUSE | PLAN | POSITION | PRECEDING
    | PRECISION | RANGE | READ | RECURSIVE | REFERENCE | RELEASE | REMOVE | RENAME | REPEATABLE | REPLICA | RESHARD | RESOLVE | RESTART
    | RESTRICT | RESUME | RETRY | REVERT | ROLLBACK | ROW | ROWS | SAVEPOINT | SEGMENT | SEGMENTS | SEQUENCE | SERIALIZABLE
    | SHARD | SHARDS | SHOW | SIMPLE | SINGLE | SNAPSHOT | SPILLOVER | SPLIT | START | STEPS | STORING | STRICT | SUBSTRING
    | SYSTEM | TABLES | TEXT | TIME | TIMEOUT | TO | TRANSACTION | TRANSFER | TRIM | TYPE | UNBOUNDED | UNCOMMITTED | UNKNOWN
    | USER | VALUE | VIEW | WAIT | WITHOUT | WORK | WRITE | ZONE | BOTH | LEADING | TRAILING
    ;

reservedWord
    : ALL | AND | ANY | AS | ASC | BETWEEN | CASE | CAST | CHECK | COLLATE | CONSTRAINT | CREATE | CROSS | DEFAULT
    | DELETE | DESC | DISTINCT | DROP | ELSE | END | EXCEPT | EXISTS | FALSE | FETCH | FOR | FOREIGN | FROM | FULL
    | GROUP | HAVING | ILIKE | IN | INNER | INSERT | INTERSECT | INTO | IS | JOIN | LEFT | LIKE | LIMIT | NATURAL
    | NOT | NULL | OFFSET | ON | OR | ORDER | OUTER | PRIMARY | REFERENCES | RETURNING | RIGHT | SELECT | SET
    | TABLE | THEN | TRUE | UNION | UNIQUE | UPDATE | USING | VALUES | WHEN | WHERE | WINDOW | WITH
    ;
