namespace Wspy;

/// <summary>The pattern of a route: segments that are compared as they are sent, <c>{name}</c> for any one segment, and maybe <c>*</c> at the end for all that follows.</summary>
internal sealed class RoutePattern
{
    /// <summary>The name of what a star stands for.</summary>
    public const string RestName = "*";

    /// <exception cref="ArgumentException">The pattern is none; the message says what is wrong.</exception>
    public RoutePattern(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (pattern.Length == 0 || pattern[0] != '/')
        {
            throw Wrong(pattern, "it does not begin with a slash");
        }

        Text = pattern;
        Segments = pattern[1..].Split('/');
        var names = new List<string>();
        for (int i = 0; i < Segments.Length; i++)
        {
            string? name = NameOf(pattern, Segments[i], isLast: i == Segments.Length - 1);
            if (name is not null)
            {
                if (names.Contains(name))
                {
                    throw Wrong(pattern, $"it has two parameters '{name}'");
                }

                names.Add(name);
            }
        }

        Names = [.. names];
    }

    public string Text { get; }

    /// <summary>The segments, of which parameters are in braces and a star is a star.</summary>
    public string[] Segments { get; }

    /// <summary>The names of the parameters in order; the star's is <see cref="RestName"/>.</summary>
    public string[] Names { get; }

    public static bool IsParameter(string segment) => segment.StartsWith('{');

    public static bool IsRest(string segment) => segment == RestName;

    /// <summary>What stands in a path that matches, in the places of the parameters.</summary>
    /// <param name="path">The path.</param>
    /// <param name="parameters">The decoded values.</param>
    /// <returns>False when a value may not be: see <see cref="PathSegment"/>.</returns>
    public bool TryRead(ReadOnlySpan<char> path, out RouteParameters parameters)
    {
        parameters = RouteParameters.None;
        if (Names.Length == 0)
        {
            return true;
        }

        string[] values = new string[Names.Length];
        int count = 0;
        ReadOnlySpan<char> rest = path[1..];
        foreach (string segment in Segments)
        {
            if (IsRest(segment))
            {
                if (!PathSegment.TryDecodeRest(rest, out values[count]))
                {
                    return false;
                }

                break;
            }

            int slash = rest.IndexOf('/');
            if (IsParameter(segment) && !PathSegment.TryDecode(slash < 0 ? rest : rest[..slash], out values[count++]))
            {
                return false;
            }

            rest = rest[(slash + 1)..];
        }

        parameters = new RouteParameters(Names, values);
        return true;
    }

    private static string? NameOf(string pattern, string segment, bool isLast)
    {
        if (IsRest(segment))
        {
            return isLast ? RestName : throw Wrong(pattern, "a star may only be its last segment");
        }

        if (segment.Length > 2 && segment[0] == '{' && segment[^1] == '}')
        {
            string name = segment[1..^1];
            return name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
                ? name
                : throw Wrong(pattern, $"the name of the parameter '{segment}' holds something else than letters, digits, _ and -");
        }

        if (segment.AsSpan().ContainsAny("{}*"))
        {
            throw Wrong(pattern, $"in '{segment}' a parameter or a star is only a part of a segment");
        }

        if (segment.AsSpan().ContainsAnyExceptInRange('!', '~') || segment.AsSpan().ContainsAny("?#\\"))
        {
            throw Wrong(pattern, $"'{segment}' holds a character that no path has; write it percent-encoded, as clients send it");
        }

        if (segment.Length > 0 && !PathSegment.TryDecode(segment, out _))
        {
            throw Wrong(pattern, $"'{segment}' is a dot segment, or holds a malformed escape, an encoded slash or a control character");
        }

        return null;
    }

    private static ArgumentException Wrong(string pattern, string what) =>
        new($"The route '{pattern}' is no path such as /chat, /room/{{id}} or /files/*: {what}.", nameof(pattern));
}
