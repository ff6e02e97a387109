service S {}
