using System;
using System.Globalization;
using System.Linq;

namespace ShardSql.Sql.Parsing;

/// <summary>What a transaction may say that it is: 'deposit', 'refund'.</summary>
public static class TransactionTypes
{
    /// <summary>Why a text is no type; null: it is one.</summary>
    public static string? ErrorOf(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Length is 0 or > SqlLimits.MaxTransactionTypeLength
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"a transaction type has 1 to {SqlLimits.MaxTransactionTypeLength} characters, not {type.Length}")
            : type.Any(char.IsControl) ? "a transaction type has no control characters" : null;
    }

    /// <summary>Refuses what is no type: 22023.</summary>
    /// <param name="type">The text.</param>
    /// <param name="position">Where it stands, from 1; 0: in no text.</param>
    public static void Require(string type, int position = 0)
    {
        if (ErrorOf(type) is { } error)
        {
            throw new SqlException(SqlStates.InvalidParameterValue, error, position)
            {
                Hint = "SET TRANSACTION TYPE 'deposit' says what kind of transaction it is, not which.",
            };
        }
    }
}
