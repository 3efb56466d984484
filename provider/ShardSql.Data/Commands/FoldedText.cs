using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using ShardSql.Data.Types;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Commands;

/// <summary>
/// A text whose lists of parameters are one parameter each, so that lists of any length are the same text: parsed once,
/// held once by the server, planned once.
/// </summary>
internal sealed class FoldedText
{
    /// <summary>Stands in no name that a list gets otherwise; texts with it are left as they are.</summary>
    private const string Mark = "$$";

    private readonly List<ListRun> _runs;
    private readonly Dictionary<string, SqlKind> _kinds = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ByteString> _values = new(StringComparer.OrdinalIgnoreCase);

    private FoldedText(List<ListRun> runs) => _runs = runs;

    /// <summary>The text with one parameter for each list.</summary>
    public string Text { get; private set; } = "";

    /// <summary>What tells it from others: the text and the types of its lists.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The types of the lists by their parameters' names.</summary>
    public IReadOnlyDictionary<string, SqlKind> Kinds => _kinds;

    /// <summary>The lists by their parameters' names.</summary>
    public IReadOnlyDictionary<string, ByteString> Values => _values;

    /// <summary>The folded text; null where there is nothing to fold, an item is missing, or a list is not of one type.
    /// </summary>
    public static FoldedText? Of(string text, ShardSqlParameterCollection parameters)
    {
        List<ListRun> runs = ListRun.Find(text);
        if (runs.Count == 0 || parameters.Count > ParameterBinder.MaxParameters || text.Contains(Mark, StringComparison.Ordinal))
        {
            return null;
        }

        var byName = new Dictionary<string, ShardSqlParameter>(parameters.Count, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < parameters.Count; i++)
        {
            byName.TryAdd(parameters[i].BareName, parameters[i]);
        }

        var folded = new FoldedText(runs);
        for (int i = 0; i < runs.Count; i++)
        {
            if (!folded.TryAdd(NameOf(runs[i], i), runs[i], byName))
            {
                return null;
            }
        }

        folded.Write(text);
        return folded;
    }

    /// <summary>Where a place of the folded text, from 1, is in the text that was given.</summary>
    public int PlaceInOriginal(int position)
    {
        int shift = 0;
        for (int i = 0; i < _runs.Count; i++)
        {
            if (position - 1 + shift <= _runs[i].Start)
            {
                break;
            }

            shift += _runs[i].End - _runs[i].Start - NameOf(_runs[i], i).Length - 1;
        }

        return position + shift;
    }

    private static string NameOf(ListRun run, int place) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Prefix}{Mark}{place}");

    private bool TryAdd(string name, ListRun run, Dictionary<string, ShardSqlParameter> byName)
    {
        if (run.Count > SqlLimits.MaxInItems)
        {
            return false;
        }

        var values = new SqlValue[run.Count];
        SqlKind kind = SqlKind.Null;
        for (int i = 0; i < values.Length; i++)
        {
            if (!byName.TryGetValue(run.Name(i), out ShardSqlParameter? parameter))
            {
                return false;
            }

            values[i] = ParameterEncoder.Encode(parameter);
            if (!values[i].IsNull)
            {
                kind = kind == SqlKind.Null ? values[i].Kind : kind;
                if (kind != values[i].Kind)
                {
                    return false;
                }
            }
        }

        _kinds.Add(name, kind);
        _values.Add(name, UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(ParameterList.Encode(values))));
        return kind != SqlKind.Null;
    }

    private void Write(string text)
    {
        var folded = new StringBuilder();
        var kinds = new StringBuilder();
        int at = 0;
        for (int i = 0; i < _runs.Count; i++)
        {
            string name = NameOf(_runs[i], i);
            folded.Append(text, at, _runs[i].Start - at).Append('@').Append(name);
            kinds.Append(CultureInfo.InvariantCulture, $" {(int)_kinds[name]}");
            at = _runs[i].End;
        }

        Text = folded.Append(text, at, text.Length - at).ToString();
        Key = $"{Text}\0{kinds}";
    }
}
