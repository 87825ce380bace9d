namespace Wspy;

/// <summary>Routes by their patterns: a tree of segments.</summary>
/// <remarks>
/// A segment that is written out goes before a parameter, and a parameter before a star; where the rest of a path does not fit, the next of these is
/// tried. As each place in a tree has one way to it, no place is looked at twice for one path. Safe from any thread once nothing is added any more.
/// </remarks>
/// <typeparam name="T">What a route leads to.</typeparam>
internal sealed class RouteTable<T>
    where T : class
{
    private readonly Node _root = new();

    public bool IsEmpty { get; private set; } = true;

    /// <summary>What a pattern of the same form leads to already; null if there is none. The names of parameters make no difference.</summary>
    public T? Find(RoutePattern pattern, out RoutePattern? existing)
    {
        Node? node = _root;
        foreach (string segment in pattern.Segments)
        {
            node = node?.Child(segment);
        }

        existing = node?.Pattern;
        return node?.Value;
    }

    /// <summary>Adds a route, in the place of one of the same form.</summary>
    public void Set(RoutePattern pattern, T value)
    {
        Node node = _root;
        foreach (string segment in pattern.Segments)
        {
            node = node.Child(segment) ?? node.Add(segment);
        }

        node.Pattern = pattern;
        node.Value = value;
        IsEmpty = false;
    }

    /// <summary>Looks up a path, without allocating anything.</summary>
    /// <param name="path">As sent.</param>
    /// <param name="pattern">The pattern that it fits.</param>
    /// <returns>What the route leads to; null for no route.</returns>
    public T? Match(ReadOnlySpan<char> path, out RoutePattern? pattern)
    {
        Node? found = path.IsEmpty || path[0] != '/' ? null : Match(_root, path[1..]);
        pattern = found?.Pattern;
        return found?.Value;
    }

    // As deep as the longest pattern, however long the path is.
    private static Node? Match(Node node, ReadOnlySpan<char> rest)
    {
        int slash = rest.IndexOf('/');
        ReadOnlySpan<char> segment = slash < 0 ? rest : rest[..slash];
        return Continue(node.Literal(segment), rest, slash)
            ?? (segment.IsEmpty ? null : Continue(node.Parameter, rest, slash))
            ?? node.Rest;
    }

    private static Node? Continue(Node? node, ReadOnlySpan<char> rest, int slash) => node switch
    {
        null => null,
        _ when slash >= 0 => Match(node, rest[(slash + 1)..]),
        { Value: null } => null,
        _ => node,
    };

    private sealed class Node
    {
        private Dictionary<string, Node>? _literals;
        private Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public RoutePattern? Pattern { get; set; }

        public T? Value { get; set; }

        public Node? Parameter { get; private set; }

        public Node? Rest { get; private set; }

        public Node? Literal(ReadOnlySpan<char> segment) => _literals is not null && _lookup.TryGetValue(segment, out Node? node) ? node : null;

        public Node? Child(string segment) =>
            RoutePattern.IsRest(segment) ? Rest : RoutePattern.IsParameter(segment) ? Parameter : Literal(segment);

        public Node Add(string segment)
        {
            var node = new Node();
            if (RoutePattern.IsRest(segment))
            {
                Rest = node;
            }
            else if (RoutePattern.IsParameter(segment))
            {
                Parameter = node;
            }
            else
            {
                if (_literals is null)
                {
                    _literals = new Dictionary<string, Node>(StringComparer.Ordinal);
                    _lookup = _literals.GetAlternateLookup<ReadOnlySpan<char>>();
                }

                _literals.Add(segment, node);
            }

            return node;
        }
    }
}
