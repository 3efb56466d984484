using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>Results as the scripts write them: a value a line, sorted as the record says, or their number and hash.
/// </summary>
internal static class SqlLogicValues
{
    /// <summary>The rows of a reader.</summary>
    public static List<string[]> Read(DbDataReader reader, string types)
    {
        var rows = new List<string[]>();
        while (reader.Read())
        {
            string[] row = new string[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = Format(reader.GetValue(i), i < types.Length ? types[i] : 'T');
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The values in the order of the record.</summary>
    public static List<string> Sorted(List<string[]> rows, string sort)
    {
        if (sort == "rowsort")
        {
            rows.Sort(CompareRows);
        }

        List<string> values = [.. rows.SelectMany(r => r)];
        if (sort == "valuesort")
        {
            values.Sort(string.CompareOrdinal);
        }

        return values;
    }

    /// <summary>Whether they are what was expected.</summary>
    public static bool Match(List<string> actual, IReadOnlyList<string> expected)
    {
        if (expected is not [{ } only] || !only.Contains(" values hashing to ", StringComparison.Ordinal))
        {
            return actual.SequenceEqual(expected);
        }

        return only == Summary(actual);
    }

    /// <summary>Number and hash.</summary>
    public static string Summary(List<string> values)
    {
        var text = new StringBuilder();
        foreach (string value in values)
        {
            text.Append(value).Append('\n');
        }

#pragma warning disable CA5351 // The scripts name their results by MD5.
        byte[] hash = MD5.HashData(Encoding.UTF8.GetBytes(text.ToString()));
#pragma warning restore CA5351
        return string.Create(
            CultureInfo.InvariantCulture, $"{values.Count} values hashing to {Convert.ToHexStringLower(hash)}");
    }

    private static int CompareRows(string[] left, string[] right)
    {
        for (int i = 0; i < left.Length; i++)
        {
            int order = string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static string Format(object value, char type)
    {
        if (value is DBNull)
        {
            return "NULL";
        }

        switch (type)
        {
            case 'I' when value is bool truth:
                return truth ? "1" : "0";
            case 'I' when value is string text:
                return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number)
                    ? number.ToString(CultureInfo.InvariantCulture)
                    : "0";
            case 'I':
                return decimal.Truncate(Convert.ToDecimal(value, CultureInfo.InvariantCulture))
                    .ToString("0", CultureInfo.InvariantCulture);
            case 'R':
                return Convert.ToDouble(value, CultureInfo.InvariantCulture)
                    .ToString("F3", CultureInfo.InvariantCulture);
            default:
                string plain = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
                return plain.Length == 0 ? "(empty)" : string.Concat(plain.Select(c => c is < ' ' or > '~' ? '@' : c));
        }
    }
}
