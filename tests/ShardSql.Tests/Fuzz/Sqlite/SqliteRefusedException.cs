using System;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>SQLite refuses a statement: by a constraint, which is an outcome, or as it does not take it, which is a mistake
/// of the generator.</summary>
internal sealed class SqliteRefusedException(string message, bool isConstraint) : Exception(message)
{
    public bool IsConstraint { get; } = isConstraint;
}
