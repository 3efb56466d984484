using System;
using System.Data.Common;
using System.Globalization;
using System.Text;
using ShardSql.Data;
using ShardSql.Sql.Values;

namespace ShardSql.Shell.Printing;

/// <summary>A value as text, as the dialect writes it.</summary>
internal static class CellText
{
    /// <summary>The text of a column of the reader's row; null: NULL.</summary>
    public static string? Of(DbDataReader reader, int ordinal)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        // A decimal of 38 digits does not fit System.Decimal.
        return reader is ShardSqlDataReader && reader.GetFieldType(ordinal) == typeof(decimal)
            ? reader.GetFieldValue<Decimal38>(ordinal).ToString()
            : Format(reader.GetValue(ordinal), reader.GetDataTypeName(ordinal));
    }

    /// <summary>Whether values of a type stand at the right.</summary>
    public static bool IsNumber(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal;

    /// <summary>A text of which each line can stand in a cell: tabs and control characters are shown, not sent.</summary>
    public static string[] Lines(string text)
    {
        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            lines[i] = Shown(lines[i]);
        }

        return lines;
    }

    private static string Format(object value, string typeName) => value switch
    {
        bool truth => truth ? "true" : "false",
        string text => text,
        float number => Floating(number.ToString("R", CultureInfo.InvariantCulture)),
        double number => Floating(number.ToString("R", CultureInfo.InvariantCulture)),
        byte[] bytes => "\\x" + Convert.ToHexStringLower(bytes),
        DateTime date when typeName == "date" => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateTimeOffset time =>
            time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + "+00",
        TimeSpan time => time.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? @"hh\:mm\:ss" : @"hh\:mm\:ss\.FFFFFF", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    private static string Floating(string text) =>
        text.Contains('E', StringComparison.Ordinal) ? text.Replace('E', 'e') : text;

    private static string Shown(string line)
    {
        bool isPlain = true;
        foreach (char c in line)
        {
            isPlain &= !char.IsControl(c);
        }

        if (isPlain)
        {
            return line;
        }

        var shown = new StringBuilder(line.Length + 8);
        foreach (char c in line)
        {
            _ = c == '\t'
                ? shown.Append("    ")
                : char.IsControl(c) ? shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : shown.Append(c);
        }

        return shown.ToString();
    }
}
