using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>Coerces the arguments of a call in place and gives the type of its result, or null when they do not
/// fit.</summary>
internal delegate SqlType? FunctionTyper(Node[] arguments);

/// <summary>The body of a function; no argument is NULL unless the function says that it takes NULLs.</summary>
internal delegate SqlValue FunctionBody(ReadOnlySpan<SqlValue> arguments);

/// <summary>A function: its name, how many arguments it takes, its types, its body.</summary>
internal sealed record Function(
    string Name, int Min, int Max, FunctionTyper Type, FunctionBody Body, bool TakesNulls = false);

/// <summary>The registry of functions.</summary>
internal static partial class Functions
{
    private const int MaxValueLength = 1 << 20;
    private const int MaxJoinedLength = 8 << 20;
    private const int Many = 100;

    private static readonly FrozenDictionary<string, Function> s_functions =
        TextFunctions().Concat(NumberFunctions()).Concat(TimeFunctions()).Concat(JsonFunctions())
            .ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>The function of a name, null when there is none.</summary>
    public static Function? Find(string name) => s_functions.GetValueOrDefault(name);

    /// <summary>42883 with the nearest name or the shape of the arguments.</summary>
    public static SqlException Unknown(string name, IEnumerable<Node> arguments, int position)
    {
        string types = string.Join(", ", arguments.Select(a => a.Type.ToString()));
        bool exists = s_functions.ContainsKey(name) || SequenceFunctions.Names.Contains(name);
        IEnumerable<string> names = s_functions.Keys.Concat(ContextFunctions.Names)
            .Concat(SequenceFunctions.Names).Order(StringComparer.Ordinal);
        string? nearest = exists ? null : Spelling.Nearest(name, names);
        return new SqlException(
            SqlStates.UndefinedFunction, $"function {Excerpt.Of(name)}({types}) does not exist", position)
        {
            Hint = exists ? "There is one of this name with other arguments; a CAST may help."
                : nearest is null ? null : $"Did you mean {nearest}?",
        };
    }

    /// <summary>54000 where a result would be longer than a value may be.</summary>
    public static void CheckLength(long length) => CheckLength(length, MaxValueLength);

    /// <summary>54000 where values that are put one behind the other would be longer than that may be: twice what a row takes, so
    /// that it is the row which says where the end is.</summary>
    public static void CheckJoinedLength(long length) => CheckLength(length, MaxJoinedLength);

    private static void CheckLength(long length, int most)
    {
        if (length > most)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture, $"value of length {length} exceeds {most}"));
        }
    }

    /// <summary>Arguments of these types, by implicit conversion.</summary>
    private static FunctionTyper Fixed(SqlType result, params SqlType[] types) => arguments =>
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            SqlType type = types[Math.Min(i, types.Length - 1)];
            if (!arguments[i].IsUntyped && !SqlCast.IsAllowed(arguments[i].Type.Kind, type.Kind, CastContext.Implicit))
            {
                return null;
            }

            arguments[i] = Coercion.To(arguments[i], type, CastContext.Implicit);
        }

        return result;
    };

    /// <summary>All arguments of the type in which they meet, which is the result's too.</summary>
    private static SqlType? Same(Node[] arguments)
    {
        if (Coercion.Common(arguments) is not { } common)
        {
            return null;
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Coercion.To(arguments[i], common, CastContext.Implicit);
        }

        return common;
    }

    /// <summary>As <see cref="Same"/>, of numbers; what has no type is taken as double.</summary>
    private static SqlType? SameNumber(Node[] arguments)
    {
        if (arguments.All(a => a.IsUntyped))
        {
            return Fixed(SqlType.Double, SqlType.Double)(arguments);
        }

        return Same(arguments) is { IsNumeric: true } type ? new SqlType(type.Kind) : null;
    }

    /// <summary>Decimal stays, other numbers become double: what PostgreSQL does for round, floor and the
    /// like.</summary>
    private static SqlType? DecimalOrDouble(Node[] arguments)
    {
        SqlType type = arguments[0] is { IsUntyped: false, Type.Kind: SqlKind.Decimal }
            ? SqlType.Decimal
            : SqlType.Double;
        return Fixed(type, type)(arguments);
    }
}
