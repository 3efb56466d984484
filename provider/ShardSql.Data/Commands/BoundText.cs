using System.Collections.Generic;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data.Commands;

/// <summary>A text and the values of its parameters, as they travel.</summary>
/// <param name="Text">The statements.</param>
/// <param name="Parameters">The values that they name.</param>
/// <param name="Folded">Its lists, where it has some that are one parameter each.</param>
internal readonly record struct BoundText(ParsedText Text, List<Parameter> Parameters, FoldedText? Folded)
{
    /// <summary>A command's text with its parameters. A text that has come before as it is costs a look-up; only a new one
    /// is searched for lists.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parameters">The command's parameters.</param>
    /// <param name="takesTrees">Whether the gateway reads our trees: lists do not travel as text.</param>
    /// <exception cref="ShardSqlException">It is not SQL, or a parameter is missing.</exception>
    public static BoundText Of(string text, ShardSqlParameterCollection parameters, bool takesTrees)
    {
        ParsedText? parsed = StatementTexts.Find(text);
        if (parsed is null && takesTrees && FoldedText.Of(text, parameters) is { } folded
            && StatementTexts.Get(folded) is { } shape)
        {
            return new BoundText(shape, ParameterBinder.Bind(shape, parameters, folded), folded);
        }

        parsed ??= StatementTexts.Get(text);
        return new BoundText(parsed, ParameterBinder.Bind(parsed, parameters, null), null);
    }
}
