using System;
using System.Globalization;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>What the options of a sequence make of it; 22023 where they contradict each other.</summary>
internal static class SequenceDefinition
{
    /// <summary>A sequence; what is not said is as in PostgreSQL, but for CACHE.</summary>
    public static SequenceDescriptor Of(uint id, string name, SequenceOptions options)
    {
        SqlKind type = options.Type == SqlKind.Null ? SqlKind.Int64 : options.Type;
        (long least, long greatest) = EndsOf(type);
        long increment = options.HasIncrement ? options.Increment : 1;
        bool rises = increment > 0;
        long minimum = options.HasMinimum ? options.Minimum : rises ? 1 : least;
        long maximum = options.HasMaximum ? options.Maximum : rises ? greatest : -1;
        long start = options.HasStart ? options.Start : rises ? minimum : maximum;
        long cache = options.HasCache ? options.Cache : SequenceDescriptor.DefaultCache;
        string typeName = new SqlType(type).ToString();
        Require(increment != 0, options, $"INCREMENT must not be zero");
        Require(maximum <= greatest && maximum >= least, options, $"MAXVALUE ({maximum}) is out of range for sequence data type {typeName}");
        Require(minimum <= greatest && minimum >= least, options, $"MINVALUE ({minimum}) is out of range for sequence data type {typeName}");
        Require(minimum < maximum, options, $"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})");
        Require(cache > 0, options, $"CACHE ({cache}) must be greater than zero");
        var sequence = new SequenceDescriptor
        {
            Id = id,
            Name = name,
            Type = type,
            Start = start,
            Increment = increment,
            Minimum = minimum,
            Maximum = maximum,
            Cache = cache,
            Cycles = options.Cycle,
        };
        RequireWithin(sequence, start, "START", options.Position);
        return sequence;
    }

    /// <summary>A sequence that is there with other options; what is not said stays.</summary>
    public static SequenceDescriptor With(SequenceDescriptor sequence, SequenceOptions options)
    {
        (long least, long greatest) = EndsOf(sequence.Type);
        bool isOtherType = options.Type != SqlKind.Null && options.Type != sequence.Type;

        // As in PostgreSQL, ends that are those of the old type become those of the new one.
        var whole = new SequenceOptions
        {
            Type = isOtherType ? options.Type : sequence.Type,
            Increment = options.HasIncrement ? options.Increment : sequence.Increment,
            Start = options.HasStart ? options.Start : sequence.Start,
            Cache = options.HasCache ? options.Cache : sequence.Cache,
            Cycle = options.HasCycle ? options.Cycle : sequence.Cycles,
            Position = options.Position,
        };
        if (options.HasMinimum || !(options.NoMinimum || (isOtherType && sequence.Minimum == least)))
        {
            whole.Minimum = options.HasMinimum ? options.Minimum : sequence.Minimum;
        }

        if (options.HasMaximum || !(options.NoMaximum || (isOtherType && sequence.Maximum == greatest)))
        {
            whole.Maximum = options.HasMaximum ? options.Maximum : sequence.Maximum;
        }

        return Of(sequence.Id, sequence.Name, whole) with
        {
            Generation = sequence.Generation,
            OwnerTableId = sequence.OwnerTableId,
            OwnerColumnId = sequence.OwnerColumnId,
        };
    }

    /// <summary>22023 for a number that is not between the sequence's ends.</summary>
    public static void RequireWithin(SequenceDescriptor sequence, long value, string what, uint position)
    {
        if (value < sequence.Minimum || value > sequence.Maximum)
        {
            string bound = value < sequence.Minimum
                ? string.Create(CultureInfo.InvariantCulture, $"less than MINVALUE ({sequence.Minimum})")
                : string.Create(CultureInfo.InvariantCulture, $"greater than MAXVALUE ({sequence.Maximum})");
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                string.Create(CultureInfo.InvariantCulture, $"{what} value ({value}) cannot be {bound}"),
                (int)position);
        }
    }

    /// <summary>The name of the sequence that a column owns: as PostgreSQL makes it.</summary>
    public static string NameFor(string table, string column, Func<string, bool> isTaken)
    {
        string stem = $"{table}_{column}";
        string name = IndexDefinition.Limited(stem, "_seq");
        for (int i = 1; isTaken(name); i++)
        {
            name = IndexDefinition.Limited(stem, "_seq" + i.ToString(CultureInfo.InvariantCulture));
        }

        return name;
    }

    private static (long Least, long Greatest) EndsOf(SqlKind type) => type switch
    {
        SqlKind.Int16 => (short.MinValue, short.MaxValue),
        SqlKind.Int32 => (int.MinValue, int.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    private static void Require(bool condition, SequenceOptions options, FormattableString otherwise)
    {
        if (!condition)
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                otherwise.ToString(CultureInfo.InvariantCulture),
                (int)options.Position);
        }
    }
}
