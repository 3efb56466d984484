using System.Collections.Generic;
using System.Linq;
using ShardSql.Data.Telemetry;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data.Commands;

/// <summary>What one command or batch asks of the server: parsed, bound, not yet tied to a session.</summary>
internal sealed class CommandWork
{
    /// <summary>The texts, one for a command, several for a batch.</summary>
    public required IReadOnlyList<ParsedText> Texts { get; init; }

    /// <summary>The values that the texts refer to.</summary>
    public required IReadOnlyList<Parameter> Parameters { get; init; }

    /// <summary>The lists of its one text, where they are one parameter each.</summary>
    public FoldedText? Folded { get; init; }

    /// <summary>0: the server's limit.</summary>
    public required int TimeoutSeconds { get; init; }

    /// <summary>The command or batch object that it came from: only that one's Cancel ends it.</summary>
    public object? Origin { get; init; }

    /// <summary>Only the shape of the results is wanted.</summary>
    public bool DescribeOnly { get; init; }

    /// <summary>Statements in all.</summary>
    public int StatementCount
    {
        get
        {
            int count = 0;
            foreach (ParsedText text in Texts)
            {
                count += text.Count;
            }

            return count;
        }
    }

    /// <summary>Its verb, for spans and metrics.</summary>
    public string Operation => Texts.Count == 1
        ? Texts[0].Operation
        : StatementNames.OperationOf([.. Texts.SelectMany(text => text.Statements)]);

    /// <summary>The one table that it is about; null where there are none or several.</summary>
    public string? Target => Texts.Count == 1 ? Texts[0].Target : null;

    /// <summary>Whether nothing of it can write.</summary>
    public bool ReadsOnly
    {
        get
        {
            foreach (ParsedText text in Texts)
            {
                if (!text.ReadsOnly)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Whether it may end an open transaction by itself.</summary>
    public bool EndsTransaction
    {
        get
        {
            foreach (ParsedText text in Texts)
            {
                if (text.EndsTransaction)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
