using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ShardSql.Shell.Editing;

/// <summary>
/// Lines that were typed, the last ones, kept in a file that only its owner can read. A line that holds a password is
/// not kept.
/// </summary>
internal sealed class History
{
    /// <summary>Lines that are kept.</summary>
    public const int MaxLines = 1000;

    private static readonly string[] s_secrets = ["password", "pwd"];
    private readonly List<string> _lines = [];
    private readonly string? _path;

    /// <summary>A history in a file; null: of this process only.</summary>
    public History(string? path)
    {
        _path = path;
        if (path is not null && File.Exists(path))
        {
            _lines.AddRange(File.ReadLines(path).TakeLast(MaxLines));
        }
    }

    /// <summary>The lines, the oldest first.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Keeps a line, unless it is the last one again, or blank, or secret.</summary>
    public void Add(string line)
    {
        bool isSecret = Array.Exists(s_secrets, word => line.Contains(word, StringComparison.OrdinalIgnoreCase));
        if (string.IsNullOrWhiteSpace(line) || isSecret || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        _lines.Add(line);
        if (_lines.Count > MaxLines)
        {
            _lines.RemoveRange(0, _lines.Count - MaxLines);
        }
    }

    /// <summary>Writes the file; null, or why it cannot be written, which is no reason to fail.</summary>
    public string? TrySave()
    {
        try
        {
            if (_path is not null)
            {
                Save(_path);
            }

            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }

    /// <summary>Whole or not at all.</summary>
    private void Save(string path)
    {
        string whole = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new StreamWriter(whole, options))
        {
            foreach (string line in _lines)
            {
                file.WriteLine(line);
            }
        }

        File.Move(whole, path, overwrite: true);
    }
}
