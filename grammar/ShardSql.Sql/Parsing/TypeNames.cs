using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Antlr4.Runtime.Tree;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>The names of types, with the synonyms that PostgreSQL and others have for them.</summary>
public static class TypeNames
{
    private const int MaxVarchar = 10_485_760;

    private static readonly FrozenDictionary<string, SqlKind> s_kinds = new Dictionary<string, SqlKind>
    {
        ["boolean"] = SqlKind.Boolean,
        ["bool"] = SqlKind.Boolean,
        ["smallint"] = SqlKind.Int16,
        ["int2"] = SqlKind.Int16,
        ["int16"] = SqlKind.Int16,
        ["integer"] = SqlKind.Int32,
        ["int"] = SqlKind.Int32,
        ["int4"] = SqlKind.Int32,
        ["int32"] = SqlKind.Int32,
        ["bigint"] = SqlKind.Int64,
        ["int8"] = SqlKind.Int64,
        ["int64"] = SqlKind.Int64,
        ["decimal"] = SqlKind.Decimal,
        ["numeric"] = SqlKind.Decimal,
        ["dec"] = SqlKind.Decimal,
        ["real"] = SqlKind.Real,
        ["float4"] = SqlKind.Real,
        ["double precision"] = SqlKind.Double,
        ["double"] = SqlKind.Double,
        ["float8"] = SqlKind.Double,
        ["float"] = SqlKind.Double,
        ["text"] = SqlKind.Text,
        ["string"] = SqlKind.Text,
        ["varchar"] = SqlKind.Text,
        ["character varying"] = SqlKind.Text,
        ["nvarchar"] = SqlKind.Text,
        ["bytes"] = SqlKind.Bytes,
        ["bytea"] = SqlKind.Bytes,
        ["blob"] = SqlKind.Bytes,
        ["uuid"] = SqlKind.Uuid,
        ["date"] = SqlKind.Date,
        ["time"] = SqlKind.Time,
        ["timestamp"] = SqlKind.Timestamp,
        ["timestamptz"] = SqlKind.Timestamptz,
        ["json"] = SqlKind.Json,
        ["jsonb"] = SqlKind.Json,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The type of a name without length or precision; 42704 when there is none.</summary>
    public static SqlType Resolve(string name, int position = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (s_kinds.TryGetValue(name, out SqlKind kind))
        {
            return new SqlType(kind);
        }

        string? nearest = Spelling.Nearest(name, s_kinds.Keys.Order(StringComparer.Ordinal));
        throw new SqlException(SqlStates.UndefinedObject, $"type \"{Excerpt.Of(name)}\" does not exist", position)
        {
            Hint = nearest is null
                ? "Types are boolean, smallint, integer, bigint, decimal(p, s), real, double precision, text, "
                    + "varchar(n), bytes, uuid, date, time, timestamp, timestamptz, json."
                : $"Did you mean {nearest}?",
        };
    }

    internal static SqlType Resolve(ShardSqlParser.TypeNameContext context)
    {
        int position = (int)Names.PositionOf(context);
        string name = Names.Fold(context.identifier(0));
        if (context.PRECISION() is not null)
        {
            name += " precision";
        }
        else if (context.identifier(1) is { } second)
        {
            name += " " + Names.Fold(second);
        }

        SqlType type = Resolve(name, position);
        if (context.WITH() is not null || context.WITHOUT() is not null)
        {
            type = WithZone(type, context.WITH() is not null, position);
        }

        return WithArguments(type, context.INTEGER_NUMBER(), position);
    }

    private static SqlType WithZone(SqlType type, bool zone, int position) => type.Kind switch
    {
        SqlKind.Timestamp => zone ? SqlType.TimestampTz : SqlType.Timestamp,
        SqlKind.Time when !zone => SqlType.Time,
        _ => throw SyntaxErrors.NotSupported($"{type} with a time zone", position - 1, "Use timestamptz."),
    };

    private static SqlType WithArguments(SqlType type, ITerminalNode[] arguments, int position)
    {
        if (arguments.Length == 0)
        {
            return type;
        }

        int first = Number(arguments[0], MaxVarchar, position);
        int second = arguments.Length > 1 ? Number(arguments[1], Decimal38.MaxDigits, position) : 0;
        switch (type.Kind)
        {
            case SqlKind.Text when arguments.Length == 1 && first > 0:
                return SqlType.Varchar(first);
            case SqlKind.Decimal when first is > 0 and <= Decimal38.MaxDigits && second <= first:
                return SqlType.DecimalOf(first, second);
            case SqlKind.Decimal:
                throw new SqlException(
                    SqlStates.InvalidParameterValue,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"decimal({first},{second}): precision is 1 to {Decimal38.MaxDigits}, scale 0 to precision"),
                    position);
            case SqlKind.Time or SqlKind.Timestamp or SqlKind.Timestamptz when arguments.Length == 1 && first == 6:
                return type;
            default:
                throw new SqlException(
                    SqlStates.InvalidParameterValue, $"type {type} does not take these arguments", position);
        }
    }

    private static int Number(ITerminalNode node, int max, int position) =>
        int.TryParse(node.GetText(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= max
            ? number
            : throw new SqlException(
                SqlStates.InvalidParameterValue,
                string.Create(CultureInfo.InvariantCulture, $"{Excerpt.Of(node.GetText())} exceeds {max}"),
                position);
}
