using System.Globalization;
using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <content>Sequences, and columns that take their numbers: serial and identity.</content>
internal sealed partial class StatementBuilder
{
    private static CreateSequence Build(ShardSqlParser.CreateSequenceStatementContext context) => new()
    {
        Sequence = Names.Table(context.tableName()),
        IfNotExists = context.IF() is not null,
        Options = WithoutName(Build(context.sequenceOption()), context.sequenceOption()),
    };

    private static AlterSequence Build(ShardSqlParser.AlterSequenceStatementContext context)
    {
        var alter = new AlterSequence
        {
            Sequence = Names.Table(context.tableName()),
            IfExists = context.IF() is not null,
        };
        if (context.RENAME() is not null)
        {
            alter.NewName = Names.Fold(context.identifier());
            return alter;
        }

        foreach (ShardSqlParser.AlterSequenceOptionContext option in context.alterSequenceOption())
        {
            if (option.RESTART() is null)
            {
                continue;
            }

            if (alter.Restarts)
            {
                throw Redundant(option);
            }

            alter.Restarts = true;
            if (option.signedInteger() is { } restart)
            {
                alter.Restart = Number(restart);
            }
        }

        ShardSqlParser.SequenceOptionContext[] options =
            [.. context.alterSequenceOption().Select(o => o.sequenceOption()).Where(o => o is not null)];
        alter.Options = options.Length == 0 ? null : WithoutName(Build(options), options);
        return alter;
    }

    private static DropTable Build(ShardSqlParser.DropSequenceStatementContext context)
    {
        var drop = new DropTable { IfExists = context.IF() is not null };
        drop.Tables.AddRange(context.tableName().Select(Names.Table));
        return drop;
    }

    private static SequenceOptions Build(ShardSqlParser.SequenceOptionContext[] contexts)
    {
        var options = new SequenceOptions { Position = contexts.Length > 0 ? Names.PositionOf(contexts[0]) : 0 };
        bool saysCycle = false;
        bool saysMinimum = false;
        bool saysMaximum = false;
        foreach (ShardSqlParser.SequenceOptionContext context in contexts)
        {
            bool isRepeated;
            if (context.OWNED() is not null)
            {
                isRepeated = options.Owner is not null;
                options.Owner = OwnerOf(context.columnReference());
            }
            else if (context.SEQUENCE() is not null)
            {
                isRepeated = options.Name.Length > 0;
                options.Name = SequenceName(context);
            }
            else if (context.AS() is not null)
            {
                isRepeated = options.Type != SqlKind.Null;
                options.Type = SequenceType(context.identifier());
            }
            else if (context.CYCLE() is not null)
            {
                (isRepeated, saysCycle) = (saysCycle, true);
                options.Cycle = context.NO() is null;
            }
            else if (context.MINVALUE() is not null)
            {
                (isRepeated, saysMinimum) = (saysMinimum, true);
                options.NoMinimum = context.NO() is not null;
            }
            else if (context.MAXVALUE() is not null)
            {
                (isRepeated, saysMaximum) = (saysMaximum, true);
                options.NoMaximum = context.NO() is not null;
            }
            else
            {
                isRepeated = context.START() is not null ? options.HasStart
                    : context.INCREMENT() is not null ? options.HasIncrement : options.HasCache;
            }

            if (isRepeated)
            {
                throw Redundant(context);
            }

            SetNumber(options, context);
        }

        return options;
    }

    private static SqlException Redundant(ParserRuleContext context) => new(
        SqlStates.SyntaxError, "conflicting or redundant options", context.Start.StartIndex + 1);

    /// <summary>SEQUENCE NAME stands only behind GENERATED ... AS IDENTITY; NAME is no keyword.</summary>
    private static string SequenceName(ShardSqlParser.SequenceOptionContext context) =>
        Names.Fold(context.identifier()) == "name"
            ? Names.Table(context.tableName()).Name
            : throw new SqlException(
                SqlStates.SyntaxError, "syntax error, expected NAME", context.identifier().Start.StartIndex + 1);

    private static SequenceOptions WithoutName(
        SequenceOptions options, ShardSqlParser.SequenceOptionContext[] contexts) => options.Name.Length == 0
        ? options
        : throw new SqlException(
            SqlStates.SyntaxError,
            "invalid sequence option SEQUENCE NAME",
            contexts.First(c => c.SEQUENCE() is not null).Start.StartIndex + 1);

    /// <summary>OWNED BY t.c; NONE is the one name that stands alone.</summary>
    private static SequenceOwner OwnerOf(ShardSqlParser.ColumnReferenceContext context)
    {
        string first = Names.Fold(context.identifier());
        string[] labels = [.. context.label().Select(Names.Fold)];
        uint position = Names.PositionOf(context);
        if (labels.Length == 0)
        {
            return first == "none" && !Names.IsQuoted(context.Start)
                ? new SequenceOwner()
                : throw new SqlException(SqlStates.SyntaxError, "invalid OWNED BY option", (int)position)
                {
                    Hint = "Specify OWNED BY table.column or OWNED BY NONE.",
                };
        }

        bool hasSchema = labels.Length > 1;
        return new SequenceOwner
        {
            Table = new TableName
            {
                Schema = hasSchema ? first : string.Empty,
                Name = hasSchema ? labels[0] : first,
                Position = position,
            },
            Column = new ColumnName { Name = labels[^1], Position = position },
        };
    }

    private static void SetNumber(SequenceOptions options, ShardSqlParser.SequenceOptionContext context)
    {
        if (context.signedInteger() is not { } written)
        {
            return;
        }

        long number = Number(written);
        if (context.START() is not null)
        {
            options.Start = number;
        }
        else if (context.INCREMENT() is not null)
        {
            options.Increment = number;
        }
        else if (context.MINVALUE() is not null)
        {
            options.Minimum = number;
        }
        else if (context.MAXVALUE() is not null)
        {
            options.Maximum = number;
        }
        else
        {
            options.Cache = number;
        }
    }

    private static SqlKind SequenceType(ShardSqlParser.IdentifierContext name)
    {
        SqlType type = TypeNames.Resolve(Names.Fold(name), (int)Names.PositionOf(name));
        return type.Kind is SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64
            ? type.Kind
            : throw new SqlException(
                SqlStates.InvalidParameterValue,
                "sequence type must be smallint, integer, or bigint",
                name.Start.StartIndex + 1);
    }

    private static long Number(ShardSqlParser.SignedIntegerContext context) =>
        long.TryParse(
            (context.MINUS() is null ? string.Empty : "-") + context.INTEGER_NUMBER().GetText(),
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out long number)
            ? number
            : throw new SqlException(
                SqlStates.NumericOutOfRange,
                $"value \"{Excerpt.Of(context.GetText())}\" is out of range for type bigint",
                context.Start.StartIndex + 1);

    /// <summary>The type of a column; that of serial is its integer, with the sequence that comes with it.</summary>
    private static SqlType ColumnType(ShardSqlParser.TypeNameContext context, ColumnDefinition column)
    {
        bool isWord = context.identifier().Length == 1 && context.PRECISION() is null && context.LEFT_PAREN() is null
            && context.TIME() is null;
        SqlType? serial = !isWord ? null : Names.Fold(context.identifier(0)) switch
        {
            "smallserial" or "serial2" => SqlType.Int16,
            "serial" or "serial4" => SqlType.Int32,
            "bigserial" or "serial8" => SqlType.Int64,
            _ => null,
        };
        if (serial is { } type)
        {
            column.NotNull = true;
            column.Sequence = new SequenceColumn { Options = new SequenceOptions { Type = type.Kind } };
            return type;
        }

        return TypeNames.Resolve(context);
    }

    private static void AddIdentity(
        CreateTable table, ColumnDefinition column, ShardSqlParser.IdentityContext context)
    {
        if (column.Sequence is not null)
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                $"multiple identity specifications for column \"{column.Name}\" of table \"{table.Table.Name}\"",
                context.Start.StartIndex + 1);
        }

        SqlKind kind = column.Type.Kind;
        if (kind is not (SqlKind.Int16 or SqlKind.Int32 or SqlKind.Int64))
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                "identity column type must be smallint, integer, or bigint",
                context.Start.StartIndex + 1);
        }

        SequenceOptions options = Build(context.sequenceOption());
        if (options.Owner is not null)
        {
            throw Redundant(context);
        }

        options.Type = options.Type == SqlKind.Null ? kind : options.Type;
        column.NotNull = true;
        column.Sequence = new SequenceColumn
        {
            Kind = context.ALWAYS() is null ? SequenceColumnKind.ByDefault : SequenceColumnKind.Always,
            Options = options,
        };
    }

    private static void CheckOneDefault(CreateTable table, ColumnDefinition column, ParserRuleContext context)
    {
        if (column.Sequence is not null && column.DefaultValue is not null)
        {
            string what = column.Sequence.Kind == SequenceColumnKind.Serial
                ? "multiple default values"
                : "both default and identity";
            throw new SqlException(
                SqlStates.SyntaxError,
                $"{what} specified for column \"{column.Name}\" of table \"{table.Table.Name}\"",
                context.Start.StartIndex + 1);
        }
    }
}
