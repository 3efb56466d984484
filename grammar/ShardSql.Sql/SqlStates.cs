namespace ShardSql.Sql;

/// <summary>The SQLSTATEs that ShardSql gives; the meanings are PostgreSQL's where PostgreSQL has them.</summary>
public static class SqlStates
{
    /// <summary>No error.</summary>
    public const string Success = "00000";

    /// <summary>No host could be reached.</summary>
    public const string CannotConnect = "08001";

    /// <summary>The connection was lost.</summary>
    public const string ConnectionFailure = "08006";

    /// <summary>The outcome of a commit is not known, seen by the transport.</summary>
    public const string TransactionResolutionUnknown = "08007";

    /// <summary>The peer broke the protocol.</summary>
    public const string ProtocolViolation = "08P01";

    /// <summary>Valid SQL that ShardSql does not have.</summary>
    public const string FeatureNotSupported = "0A000";

    /// <summary>Several rows where one value is wanted, or one row that a statement would change twice.</summary>
    public const string CardinalityViolation = "21000";

    /// <summary>Text longer than its column.</summary>
    public const string StringTooLong = "22001";

    /// <summary>A number outside its type.</summary>
    public const string NumericOutOfRange = "22003";

    /// <summary>NULL where no NULL may be.</summary>
    public const string NullValueNotAllowed = "22004";

    /// <summary>A date or time that is none.</summary>
    public const string InvalidDateTime = "22007";

    /// <summary>A date or time outside its type.</summary>
    public const string DateTimeOverflow = "22008";

    /// <summary>A negative substring length.</summary>
    public const string SubstringError = "22011";

    /// <summary>Division by zero.</summary>
    public const string DivisionByZero = "22012";

    /// <summary>An escape string that is not one character.</summary>
    public const string InvalidEscapeCharacter = "22019";

    /// <summary>A root or power with no real result.</summary>
    public const string InvalidArgumentForPower = "2201F";

    /// <summary>A negative LIMIT.</summary>
    public const string InvalidLimit = "2201W";

    /// <summary>A sequence without another number.</summary>
    public const string SequenceLimitExceeded = "2200H";

    /// <summary>A negative OFFSET.</summary>
    public const string InvalidOffset = "2201X";

    /// <summary>Text that is not valid Unicode, or holds NUL.</summary>
    public const string InvalidCharacter = "22021";

    /// <summary>A parameter or setting outside its domain.</summary>
    public const string InvalidParameterValue = "22023";

    /// <summary>A LIKE pattern that ends in its escape character.</summary>
    public const string InvalidEscapeSequence = "22025";

    /// <summary>Text that is not a value of the type.</summary>
    public const string InvalidTextRepresentation = "22P02";

    /// <summary>Bytes that are not a value of the type.</summary>
    public const string InvalidBinaryRepresentation = "22P03";

    /// <summary>NULL into a NOT NULL column.</summary>
    public const string NotNullViolation = "23502";

    /// <summary>A reference to a row that is not there.</summary>
    public const string ForeignKeyViolation = "23503";

    /// <summary>A key that is already there.</summary>
    public const string UniqueViolation = "23505";

    /// <summary>A CHECK that is false.</summary>
    public const string CheckViolation = "23514";

    /// <summary>BEGIN inside a transaction.</summary>
    public const string ActiveTransaction = "25001";

    /// <summary>A write in a read-only transaction or on a follower.</summary>
    public const string ReadOnlyTransaction = "25006";

    /// <summary>COMMIT or ROLLBACK outside a transaction.</summary>
    public const string NoActiveTransaction = "25P01";

    /// <summary>A statement in a failed transaction.</summary>
    public const string InFailedTransaction = "25P02";

    /// <summary>Something else depends on what is to be changed.</summary>
    public const string DependentObjects = "2BP01";

    /// <summary>A savepoint that there is not.</summary>
    public const string InvalidSavepoint = "3B001";

    /// <summary>The session is not authorized.</summary>
    public const string InvalidAuthorization = "28000";

    /// <summary>A wrong user or password.</summary>
    public const string InvalidPassword = "28P01";

    /// <summary>An unknown database.</summary>
    public const string UnknownDatabase = "3D000";

    /// <summary>An unknown schema.</summary>
    public const string UnknownSchema = "3F000";

    /// <summary>Serialization failure: run the transaction again.</summary>
    public const string SerializationFailure = "40001";

    /// <summary>The outcome of a commit is not known.</summary>
    public const string StatementCompletionUnknown = "40003";

    /// <summary>No permission.</summary>
    public const string InsufficientPrivilege = "42501";

    /// <summary>Not SQL.</summary>
    public const string SyntaxError = "42601";

    /// <summary>A name longer than 63 bytes.</summary>
    public const string NameTooLong = "42622";

    /// <summary>A column named twice.</summary>
    public const string DuplicateColumn = "42701";

    /// <summary>A name that several columns have.</summary>
    public const string AmbiguousColumn = "42702";

    /// <summary>An unknown column.</summary>
    public const string UndefinedColumn = "42703";

    /// <summary>An object of that name is there.</summary>
    public const string DuplicateObject = "42710";

    /// <summary>A column that is neither grouped nor aggregated, or an aggregate inside an aggregate.</summary>
    public const string GroupingError = "42803";

    /// <summary>42830: what a foreign key refers to is no unique key, or of other columns.</summary>
    public const string InvalidForeignKey = "42830";

    /// <summary>Types that do not go together.</summary>
    public const string DatatypeMismatch = "42804";

    /// <summary>A cast that does not exist.</summary>
    public const string CannotCoerce = "42846";

    /// <summary>An unknown function or operator for these types.</summary>
    public const string UndefinedFunction = "42883";

    /// <summary>An unknown table.</summary>
    public const string UndefinedTable = "42P01";

    /// <summary>A parameter that was not supplied.</summary>
    public const string UndefinedParameter = "42P02";

    /// <summary>An unknown type or other object.</summary>
    public const string UndefinedObject = "42704";

    /// <summary>A table of that name is there.</summary>
    public const string DuplicateTable = "42P07";

    /// <summary>A text that is no name.</summary>
    public const string InvalidName = "42602";

    /// <summary>A value for a column that is GENERATED ALWAYS.</summary>
    public const string GeneratedAlways = "428C9";

    /// <summary>A view where a table is wanted, or the other way round.</summary>
    public const string WrongObjectType = "42809";

    /// <summary>Two parts of FROM, or two common tables, of one name.</summary>
    public const string DuplicateAlias = "42712";

    /// <summary>A recursive query that is not of the form that is served.</summary>
    public const string InvalidRecursion = "42P19";

    /// <summary>A window function where none can stand.</summary>
    public const string WindowingError = "42P20";

    /// <summary>An ordinal or name in ORDER BY or GROUP BY that is not there.</summary>
    public const string InvalidColumnReference = "42P10";

    /// <summary>A table definition that contradicts itself.</summary>
    public const string InvalidTableDefinition = "42P16";

    /// <summary>A parameter whose type cannot be told.</summary>
    public const string IndeterminateDatatype = "42P18";

    /// <summary>Something else needs the object.</summary>
    public const string DependentObjectsStillExist = "2BP01";

    /// <summary>The disk is full.</summary>
    public const string DiskFull = "53100";

    /// <summary>The memory account is used up.</summary>
    public const string OutOfMemory = "53200";

    /// <summary>Too many connections.</summary>
    public const string TooManyConnections = "53300";

    /// <summary>A configured limit is reached: slow down.</summary>
    public const string ConfigurationLimit = "53400";

    /// <summary>A statement beyond a limit of the program.</summary>
    public const string ProgramLimitExceeded = "54000";

    /// <summary>A statement too complex.</summary>
    public const string StatementTooComplex = "54001";

    /// <summary>Too many columns.</summary>
    public const string TooManyColumns = "54011";

    /// <summary>The object is not in the state that the request needs.</summary>
    public const string ObjectNotInPrerequisiteState = "55000";

    /// <summary>The object is in use.</summary>
    public const string ObjectInUse = "55006";

    /// <summary>A write pause would exceed its limit.</summary>
    public const string WritePauseExceeded = "55P04";

    /// <summary>Cancelled, or out of time.</summary>
    public const string QueryCanceled = "57014";

    /// <summary>The node is going away.</summary>
    public const string AdminShutdown = "57P01";

    /// <summary>The shard has no leader yet.</summary>
    public const string CannotConnectNow = "57P03";

    /// <summary>An error of the system below us.</summary>
    public const string SystemError = "58000";

    /// <summary>The snapshot is too old.</summary>
    public const string SnapshotTooOld = "72000";

    /// <summary>A stale shard map; retried inside, clients do not see it.</summary>
    public const string StaleShardMap = "SD001";

    /// <summary>A row that a delta is about has not spilled: between shards and gateways only, which go another way.</summary>
    public const string NotSpilled = "SD002";

    /// <summary>A slot has less than a delta takes: between shards and gateways only, which go another way.</summary>
    public const string NoQuota = "SD003";

    /// <summary>An error that should not be.</summary>
    public const string InternalError = "XX000";

    /// <summary>Stored data is damaged.</summary>
    public const string DataCorrupted = "XX001";
}
