// one
# two
/* three
 * lines */
/**/ /***/ /****/
