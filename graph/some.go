package graph

// some gives v as a field that may be null, or the error.
func some[T any](v T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// all gives vs as a list that is empty rather than null, or the error.
func all[T any](vs []T, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	if vs == nil {
		return []T{}, nil
	}
	return vs, nil
}
